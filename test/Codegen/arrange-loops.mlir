// The contiguous loop goes innermost; loops over contiguous memory become one.

// RUN: sym-opt %s --sym-arrange-loops | FileCheck %s

#id2 = affine_map<(i, j) -> (i, j)>
#transposed = affine_map<(i, j) -> (j, i)>
#columns = affine_map<(i, j) -> (j)>

// CHECK: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func.func @collapse
// CHECK: memref.collapse_shape %arg0 {{\[\[}}0, 1]] : memref<4x8xf32> into memref<32xf32>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]
func.func @collapse(%a: memref<4x8xf32>, %b: memref<4x8xf32>) {
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<4x8xf32>) outs(%b : memref<4x8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %n = arith.negf %x : f32
    linalg.yield %n : f32
  }
  return
}

// The maps become identities.
// CHECK-LABEL: func.func @exchange
// CHECK: linalg.generic {indexing_maps = [#[[ID]], #[[ID]]]
func.func @exchange(%a: memref<?x?xf32, strided<[?, 1]>>, %b: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#transposed, #transposed], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x?xf32, strided<[?, 1]>>) outs(%b : memref<?x?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %n = arith.negf %x : f32
    linalg.yield %n : f32
  }
  return
}

// A broadcast keeps its loops.
// CHECK-LABEL: func.func @broadcast
// CHECK-NOT: collapse_shape
// CHECK: iterator_types = ["parallel", "parallel"]
func.func @broadcast(%a: memref<?xf32>, %b: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#columns, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?xf32>) outs(%b : memref<?x?xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}
