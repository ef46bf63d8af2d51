// Reshapes with several dynamic sizes in a group become casts.
// RUN: sym-opt --sym-lower-expand-shapes %s | FileCheck %s
// RUN: sym-opt --sym-lower-expand-shapes --expand-strided-metadata %s | FileCheck %s --check-prefix=DOWN

// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[A:.*]]: memref<?x16xf32>, %[[M:.*]]: index, %[[N:.*]]: index
// CHECK: %[[BASE:[a-z_0-9]*]], {{.*}} = memref.extract_strided_metadata %[[A]]
// CHECK: %[[C16:.*]] = arith.constant 16 : index
// CHECK: %[[S:.*]] = arith.muli %[[C16]], %[[N]]
// CHECK: memref.reinterpret_cast %[[BASE]] to offset: [0], sizes: [%[[M]], %[[N]], 16], strides: [%[[S]], 16, 1]
// DOWN-LABEL: func.func @two
// DOWN-NOT: memref.expand_shape
func.func @two(%a: memref<?x16xf32>, %m: index, %n: index) -> memref<?x?x16xf32> {
  %e = memref.expand_shape %a [[0, 1], [2]] output_shape [%m, %n, 16]
      : memref<?x16xf32> into memref<?x?x16xf32>
  return %e : memref<?x?x16xf32>
}

// Strides and the offset of a view stay.
// CHECK-LABEL: func.func @strided
// CHECK: %{{.*}}, %[[O:.*]], %{{.*}}:2, %[[ST:.*]]:2 = memref.extract_strided_metadata
// CHECK: %[[S:.*]] = arith.muli %[[ST]]#0, %{{.*}}
// CHECK: memref.reinterpret_cast %{{.*}} to offset: [%[[O]]], sizes: [%{{.*}}, %{{.*}}, 4], strides: [%[[S]], %[[ST]]#0, 2]
// DOWN-LABEL: func.func @strided
func.func @strided(%a: memref<?x4xf32, strided<[?, 2], offset: ?>>, %m: index, %n: index)
    -> memref<?x?x4xf32, strided<[?, ?, 2], offset: ?>> {
  %e = memref.expand_shape %a [[0, 1], [2]] output_shape [%m, %n, 4]
      : memref<?x4xf32, strided<[?, 2], offset: ?>>
      into memref<?x?x4xf32, strided<[?, ?, 2], offset: ?>>
  return %e : memref<?x?x4xf32, strided<[?, ?, 2], offset: ?>>
}

// One dynamic size is upstream's to infer.
// CHECK-LABEL: func.func @one
// CHECK: memref.expand_shape
// DOWN-LABEL: func.func @one
func.func @one(%a: memref<?xf32>, %n: index) -> memref<?x4xf32> {
  %e = memref.expand_shape %a [[0, 1]] output_shape [%n, 4]
      : memref<?xf32> into memref<?x4xf32>
  return %e : memref<?x4xf32>
}
