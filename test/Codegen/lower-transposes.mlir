// Operands that lie across the outputs are turned by blocks in registers.

// RUN: sym-opt %s --sym-lower-transposes=cpu=x86-64-v3 --canonicalize | FileCheck %s
// RUN: sym-opt %s --sym-lower-transposes=cpu=x86-64 --canonicalize | FileCheck %s --check-prefix=SSE

#cells = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (j)>

// CHECK-LABEL: func.func @turn
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c32
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c32
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %c8
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c8
// CHECK: %[[A:.*]] = vector.load %arg0[%[[J]], %[[I]]] : memref<64x64xf32>, vector<8xf32>
// CHECK: vector.shuffle %[[A]], %{{.*}} [0, 8, 1, 9, 4, 12, 5, 13]
// CHECK: vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3, 8, 9, 10, 11]
// CHECK: vector.store %{{.*}}, %arg1[%[[I]], %[[J]]] : memref<64x64xf32>, vector<8xf32>
// CHECK-NOT: linalg.generic
// CHECK: return
// SSE-LABEL: func.func @turn
// SSE: vector.shuffle %{{.*}}, %{{.*}} [0, 4, 1, 5]
// SSE: vector.store %{{.*}} : memref<64x64xf32>, vector<4xf32>
func.func @turn(%a: memref<64x64xf32>, %b: memref<64x64xf32>) {
  linalg.generic {indexing_maps = [#turned, #cells], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<64x64xf32>) outs(%b : memref<64x64xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}

// Whatever the sizes: the last columns, then the last rows.
// CHECK-LABEL: func.func @rest
// CHECK: vector.store
// CHECK: memref.subview %arg0[%{{.*}}, 0] [%{{.*}}, %{{.*}}]
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: return
func.func @rest(%a: memref<?x?xi64>, %v: memref<?xi64>, %b: memref<?x?xi64>) {
  linalg.generic {indexing_maps = [#turned, #row, #cells], iterator_types = ["parallel", "parallel"]}
      ins(%a, %v : memref<?x?xi64>, memref<?xi64>) outs(%b : memref<?x?xi64>) {
  ^bb0(%x: i64, %y: i64, %z: i64):
    %s = arith.addi %x, %y : i64
    linalg.yield %s : i64
  }
  return
}

// What lies along the outputs, or traps, or is small, is left alone.
// CHECK-LABEL: func.func @others
// CHECK-NOT: scf.for
// CHECK-COUNT-3: linalg.generic
// CHECK: return
func.func @others(%a: memref<64x64xi32>, %b: memref<64x64xi32>, %c: memref<4x64xi32>, %d: memref<64x4xi32>) {
  linalg.generic {indexing_maps = [#cells, #cells], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<64x64xi32>) outs(%b : memref<64x64xi32>) {
  ^bb0(%x: i32, %y: i32):
    linalg.yield %x : i32
  }
  linalg.generic {indexing_maps = [#turned, #cells], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<64x64xi32>) outs(%b : memref<64x64xi32>) {
  ^bb0(%x: i32, %y: i32):
    %q = arith.divsi %y, %x : i32
    linalg.yield %q : i32
  }
  linalg.generic {indexing_maps = [#turned, #cells], iterator_types = ["parallel", "parallel"]}
      ins(%c : memref<4x64xi32>) outs(%d : memref<64x4xi32>) {
  ^bb0(%x: i32, %y: i32):
    linalg.yield %x : i32
  }
  return
}
