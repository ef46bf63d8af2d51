// Products of matrices become kernels.
// RUN: sym-opt %s --linalg-generalize-named-ops --sym-contraction-kernels --canonicalize | FileCheck %s

// CHECK-LABEL: gpu.func @f
// CHECK-SAME: workgroup({{.*}} : memref<32x33xf32, #gpu.address_space<workgroup>>, {{.*}} : memref<32x33xf32, #gpu.address_space<workgroup>>)
// CHECK: gpu.barrier
// CHECK-COUNT-4: math.fma
// CHECK: gpu.barrier

// CHECK-LABEL: func.func @f
// CHECK: gpu.launch_func @kernels::@f
func.func @f(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// A product with a vector is a reduction of rows.
// CHECK-LABEL: func.func @vector
// CHECK: linalg.generic
func.func @vector(%a: memref<?x?xf32>, %b: memref<?xf32>, %c: memref<?xf32>) {
  linalg.matvec ins(%a, %b : memref<?x?xf32>, memref<?xf32>) outs(%c : memref<?xf32>)
  return
}
