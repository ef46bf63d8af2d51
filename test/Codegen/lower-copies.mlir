// Copies of strided buffers become structured operations; dense ones stay.
// RUN: sym-opt --sym-lower-copies %s | FileCheck %s

// CHECK-LABEL: func.func @strided(
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : memref<4x?xf32, strided<[?, 2]>>) outs(%{{.*}} : memref<4x?xf32>)
// CHECK-NOT: memref.copy
func.func @strided(%a: memref<4x?xf32, strided<[?, 2]>>, %b: memref<4x?xf32>) {
  memref.copy %a, %b : memref<4x?xf32, strided<[?, 2]>> to memref<4x?xf32>
  return
}

// CHECK-LABEL: func.func @dense(
// CHECK: memref.copy
func.func @dense(%a: memref<?xf32>, %b: memref<?xf32>) {
  memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  return
}
