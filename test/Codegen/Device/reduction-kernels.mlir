// Structured operations with reductions become kernels: who shares an element.
// RUN: sym-opt %s --sym-reduction-kernels --canonicalize | FileCheck %s

// A block for each row.
// CHECK-LABEL: gpu.func @rows
// CHECK-SAME: workgroup({{.*}} : memref<8xf32, #gpu.address_space<workgroup>>)
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK: gpu.barrier
// CHECK: gpu.barrier
// CHECK-COUNT-5: gpu.shuffle xor

// A warp for each row whose length is known and small; f64 as two words.
// CHECK-LABEL: gpu.func @short_rows
// CHECK-NOT: gpu.barrier
// CHECK-COUNT-10: gpu.shuffle xor
// CHECK-NOT: gpu.shuffle

// A warp of columns, eight threads each.
// CHECK-LABEL: gpu.func @columns
// CHECK-SAME: known_block_size = array<i32: 32, 8, 1>
// CHECK-NOT: gpu.shuffle

// Blocks, and one block of their results; no atomics.
// CHECK-LABEL: gpu.func @all(
// CHECK-LABEL: gpu.func @all_0(

// No combiner: a thread for each row.
// CHECK-LABEL: gpu.func @last(
// CHECK-NOT: gpu.shuffle

// CHECK-LABEL: func.func @rows
// CHECK: gpu.launch_func @kernels::@rows
// CHECK-LABEL: func.func @all
// CHECK: memref.alloc() : memref<1024xf32>
// CHECK: gpu.launch_func @kernels::@all
// CHECK: gpu.launch_func @kernels::@all_0 blocks in (%c1, %c1, %c1)
// CHECK: memref.dealloc
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#col = affine_map<(d0, d1) -> (d1)>
#v = affine_map<(d0) -> (d0)>
#s = affine_map<(d0) -> ()>
func.func @rows(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}
func.func @short_rows(%x: memref<?x10xf64>, %y: memref<?xf64>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x10xf64>) outs(%y : memref<?xf64>) {
  ^bb0(%in: f64, %out: f64):
    %0 = arith.maximumf %out, %in : f64
    linalg.yield %0 : f64
  }
  return
}
func.func @columns(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #col], iterator_types = ["reduction", "parallel"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}
func.func @all(%x: memref<?xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [#v, #s], iterator_types = ["reduction"]} ins(%x : memref<?xf32>) outs(%y : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}
func.func @last(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.subf %in, %out : f32
    linalg.yield %0 : f32
  }
  return
}
