// Dependent operations over the same rows become one kernel.
// RUN: sym-opt %s --sym-row-kernels --canonicalize | FileCheck %s

// A softmax of ten columns: sixteen threads a row, one access of each operand.
// CHECK-LABEL: gpu.func @softmax(
// CHECK-COUNT-1: memref.load
// CHECK-COUNT-8: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle
// CHECK: arith.divf
// CHECK-NOT: memref.load
// CHECK-COUNT-1: memref.store
// CHECK-NOT: memref.store
// CHECK: gpu.return

// A row whose length is not known is walked three times.
// CHECK-LABEL: gpu.func @long_rows(
// CHECK-COUNT-3: vector.load
// CHECK-NOT: vector.load
// CHECK: vector.store

// What rows leave in sums of everything ends in a second kernel.
// CHECK-LABEL: gpu.func @cost(
// CHECK-LABEL: gpu.func @cost_0(

// A sum of columns, what it adds up, and what it updates.
// CHECK-LABEL: gpu.func @bias(
// CHECK-COUNT-2: gpu.shuffle xor

// CHECK-LABEL: func.func @softmax(
// CHECK-NOT: memref.alloc
// CHECK-NOT: linalg.generic
// CHECK-COUNT-1: gpu.launch_func
// CHECK-NOT: gpu.launch_func
// CHECK-NOT: linalg.generic
// CHECK: return

// CHECK-LABEL: func.func @long_rows(
// CHECK-COUNT-1: gpu.launch_func
// CHECK-NOT: linalg.generic

// CHECK-LABEL: func.func @cost(
// CHECK-COUNT-2: gpu.launch_func
// CHECK-NOT: linalg.generic

// CHECK-LABEL: func.func @bias(
// CHECK-COUNT-1: gpu.launch_func
// CHECK-NOT: linalg.generic

// Arguments may overlap: the sums could overwrite what is still to be read.
// CHECK-LABEL: func.func @overlap(
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: gpu.launch_func

// What stands between reads what a member writes.
// CHECK-LABEL: func.func @between(
// CHECK: linalg.generic
// CHECK: memref.load
// CHECK: linalg.generic

// The same memory at other places: no thread of a row has both.
// CHECK-LABEL: func.func @turned(
// CHECK: gpu.launch_func
// CHECK: linalg.generic

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>
#turn = affine_map<(i, j) -> (j, i)>
#none = affine_map<(i, j) -> ()>
#v = affine_map<(i) -> (i)>
#s = affine_map<() -> ()>
func.func @softmax(%x: memref<?x10xf32>, %n: index) {
  %y = sym.alloc_result 0(%n) : memref<?x10xf32>
  %inf = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %max = memref.alloc(%n) : memref<?xf32>
  %sum = memref.alloc(%n) : memref<?xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%inf : f32) outs(%max : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x10xf32>) outs(%max : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%sum : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %max : memref<?x10xf32>, memref<?xf32>) outs(%sum : memref<?xf32>) {
  ^bb0(%in: f32, %m: f32, %out: f32):
    %0 = arith.subf %in, %m : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %out, %1 : f32
    linalg.yield %2 : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %max, %sum : memref<?x10xf32>, memref<?xf32>, memref<?xf32>) outs(%y : memref<?x10xf32>) {
  ^bb0(%in: f32, %m: f32, %t: f32, %out: f32):
    %0 = arith.subf %in, %m : f32
    %1 = math.exp %0 : f32
    %2 = arith.divf %1, %t : f32
    linalg.yield %2 : f32
  }
  memref.dealloc %max : memref<?xf32>
  memref.dealloc %sum : memref<?xf32>
  return
}
func.func @long_rows(%x: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?x?xf32>
  %m = memref.dim %x, %c1 : memref<?x?xf32>
  %y = sym.alloc_result 0(%n, %m) : memref<?x?xf32>
  %max = memref.alloc(%n) : memref<?xf32>
  %sum = memref.alloc(%n) : memref<?xf32>
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%max : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%sum : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x?xf32>) outs(%max : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.maximumf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %max : memref<?x?xf32>, memref<?xf32>) outs(%sum : memref<?xf32>) {
  ^bb0(%in: f32, %m0: f32, %out: f32):
    %0 = arith.subf %in, %m0 : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %sum : memref<?x?xf32>, memref<?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %t: f32, %out: f32):
    %0 = arith.divf %in, %t : f32
    linalg.yield %0 : f32
  }
  memref.dealloc %max : memref<?xf32>
  memref.dealloc %sum : memref<?xf32>
  return
}
func.func @cost(%x: memref<8x12xf32>) {
  %cost = sym.alloc_result 0() : memref<f32>
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<8xf32>
  %total = memref.alloc() : memref<f32>
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%sums : memref<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x12xf32>) outs(%sums : memref<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#s, #s], iterator_types = []} ins(%zero : f32) outs(%total : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#v, affine_map<(i) -> ()>], iterator_types = ["reduction"]} ins(%sums : memref<8xf32>) outs(%total : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.log %in : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#s, #s], iterator_types = []} ins(%total : memref<f32>) outs(%cost : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  memref.dealloc %sums : memref<8xf32>
  memref.dealloc %total : memref<f32>
  return
}
func.func @bias(%d: memref<?x20xf32>, %b: memref<20xf32>) {
  %zero = arith.constant 0.0 : f32
  %sum = memref.alloc() : memref<20xf32>
  %rate = sym.alloc_result 0() : memref<20xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%sum : memref<20xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #col], iterator_types = ["reduction", "parallel"]} ins(%d : memref<?x20xf32>) outs(%sum : memref<20xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#v, #v, #v], iterator_types = ["parallel"]} ins(%b, %sum : memref<20xf32>, memref<20xf32>) outs(%rate : memref<20xf32>) {
  ^bb0(%in: f32, %g: f32, %out: f32):
    %0 = arith.subf %in, %g : f32
    linalg.yield %0 : f32
  }
  memref.dealloc %sum : memref<20xf32>
  return
}
func.func @overlap(%x: memref<4x8xf32>, %y: memref<4xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}
func.func @between(%x: memref<4x8xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %y = sym.alloc_result 0() : memref<4xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  %0 = memref.load %y[%c0] : memref<4xf32>
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.addf %out, %in : f32
    linalg.yield %1 : f32
  }
  return %0 : f32
}
func.func @turned(%x: memref<8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %t = memref.alloc() : memref<8x8xf32>
  %y = sym.alloc_result 0() : memref<8xf32>
  %z = sym.alloc_result 1() : memref<8x8xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, #v], iterator_types = ["parallel"]} ins(%zero : f32) outs(%y : memref<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32>) outs(%t : memref<8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%t : memref<8x8xf32>) outs(%y : memref<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#turn, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%t, %y : memref<8x8xf32>, memref<8xf32>) outs(%z : memref<8x8xf32>) {
  ^bb0(%in: f32, %s: f32, %out: f32):
    %0 = arith.divf %in, %s : f32
    linalg.yield %0 : f32
  }
  memref.dealloc %t : memref<8x8xf32>
  return
}
