// Parallel structured operations become kernels.
// RUN: sym-opt %s --sym-elementwise-kernels --canonicalize | FileCheck %s

#v = affine_map<(d0) -> (d0)>
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
#point = affine_map<() -> ()>

// One kernel with two results, each access of 16 bytes where it is aligned.
// CHECK-LABEL: gpu.func @two_results
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: scf.for
// CHECK: vector.load {{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// What is left, element by element.
// CHECK: scf.for
// CHECK: memref.load
// CHECK: memref.store
// CHECK: memref.store

// Eight halves are 16 bytes.
// CHECK-LABEL: gpu.func @halves
// CHECK: vector.load {{.*}} vector<8xf16>

// An array of bits is not packed.
// CHECK-LABEL: gpu.func @bits
// CHECK-NOT: vector.load

// A row is read as a vector too, if rows begin at aligned places.
// CHECK-LABEL: gpu.func @bias
// CHECK-COUNT-2: vector.load {{.*}} vector<4xf32>
// CHECK: vector.store

// CHECK-LABEL: gpu.func @gather
// CHECK: memref.load {{.*}} : memref<?x?xf32>

// CHECK-LABEL: gpu.func @point_
// CHECK-NOT: vector

// CHECK-LABEL: func.func @two_results
// CHECK: gpu.launch_func @kernels::@two_results
// CHECK-NOT: linalg.generic
func.func @two_results(%x: memref<?xf32>, %y: memref<?xf32>, %a: f32) {
  linalg.generic {indexing_maps = [#v, #v, #v], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%y, %x : memref<?xf32>, memref<?xf32>) {
  ^bb0(%in: f32, %out: f32, %unused: f32):
    %0 = arith.mulf %in, %a : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1, %0 : f32, f32
  }
  return
}

func.func @halves(%x: memref<?xf16>) {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]}
      outs(%x : memref<?xf16>) {
  ^bb0(%out: f16):
    %0 = arith.addf %out, %out : f16
    linalg.yield %0 : f16
  }
  return
}

func.func @bits(%x: memref<?xi1>) {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]}
      outs(%x : memref<?xi1>) {
  ^bb0(%out: i1):
    %true = arith.constant true
    %0 = arith.xori %out, %true : i1
    linalg.yield %0 : i1
  }
  return
}

func.func @bias(%x: memref<?x?xf32>, %b: memref<?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#id, #row, #id],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : memref<?x?xf32>, memref<?xf32>)
      outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %0 = arith.addf %in, %bias : f32
    linalg.yield %0 : f32
  }
  return
}

func.func @gather(%t: memref<?x?xf32>, %i: memref<?xindex>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]}
      ins(%i : memref<?xindex>) outs(%y : memref<?xf32>) {
  ^bb0(%in: index, %out: f32):
    %0 = linalg.index 0 : index
    %1 = memref.load %t[%in, %0] : memref<?x?xf32>
    linalg.yield %1 : f32
  }
  return
}

// A name that PTX does not know.
// CHECK-LABEL: func.func @point.
// CHECK: gpu.launch_func @kernels::@point_ blocks in (%c1, %c1, %c1)
func.func @point.(%x: memref<i64>) {
  linalg.generic {indexing_maps = [#point], iterator_types = []}
      outs(%x : memref<i64>) {
  ^bb0(%out: i64):
    %0 = arith.addi %out, %out : i64
    linalg.yield %0 : i64
  }
  return
}

// What a kernel cannot hold stays: other elements, other effects, reductions.
// CHECK-LABEL: func.func @stays
// CHECK-COUNT-3: linalg.generic
func.func @stays(%z: memref<?xcomplex<f32>>, %x: memref<?xf32>, %s: memref<f32>) {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]}
      outs(%z : memref<?xcomplex<f32>>) {
  ^bb0(%out: complex<f32>):
    linalg.yield %out : complex<f32>
  }
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]}
      outs(%x : memref<?xf32>) {
  ^bb0(%out: f32):
    memref.store %out, %s[] : memref<f32>
    linalg.yield %out : f32
  }
  linalg.generic {indexing_maps = [#v, affine_map<(d0) -> ()>],
                  iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%s : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  }
  return
}
