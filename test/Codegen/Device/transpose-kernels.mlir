// Transposes go through shared memory.
// RUN: sym-opt %s --sym-transpose-kernels --canonicalize | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>

// CHECK-LABEL: gpu.func @f
// CHECK-SAME: workgroup([[TILE:%.*]] : memref<32x33xf32, #gpu.address_space<workgroup>>)
// CHECK-SAME: known_block_size = array<i32: 32, 8, 1>
// CHECK-COUNT-4: memref.store {{.*}}, [[TILE]]
// CHECK: gpu.barrier
// CHECK-COUNT-4: memref.load [[TILE]]
// CHECK: gpu.barrier

// CHECK-LABEL: func.func @f
// CHECK: gpu.launch_func @kernels::@f
func.func @f(%x: memref<?x?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// Tiles of a narrow operand would be mostly empty.
// CHECK-LABEL: func.func @narrow
// CHECK: linalg.generic
func.func @narrow(%x: memref<3x?xf32>, %y: memref<?x3xf32>) {
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<3x?xf32>) outs(%y : memref<?x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}
