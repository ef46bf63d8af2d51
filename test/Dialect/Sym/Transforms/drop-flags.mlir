// Flags that make values undefined, or bits depend on vectorization, are gone.
// RUN: sym-opt --sym-drop-flags %s | FileCheck %s


// CHECK-LABEL: func.func @integers
// CHECK-NEXT: arith.addi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: arith.shli %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: arith.divui %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: arith.shrsi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: arith.trunci %{{.*}} : i32 to i8
// CHECK-NEXT: arith.muli
func.func @integers(%a: i32, %b: i32) -> (i32, i32, i32, i32, i8, i32) {
  %0 = arith.addi %a, %b overflow<nsw, nuw> : i32
  %1 = arith.shli %a, %b overflow<nsw> : i32
  %2 = arith.divui %a, %b exact : i32
  %3 = arith.shrsi %a, %b exact : i32
  %4 = arith.trunci %a overflow<nuw> : i32 to i8
  %5 = arith.muli %a, %b : i32
  return %0, %1, %2, %3, %4, %5 : i32, i32, i32, i32, i8, i32
}

// T9
// CHECK-LABEL: func.func @floats
// CHECK-NEXT: arith.addf %{{.*}}, %{{.*}} : tensor<4xf32>
// CHECK-NEXT: math.exp %{{.*}} : tensor<4xf32>
// CHECK-NOT: fastmath
func.func @floats(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.addf %a, %b fastmath<fast> : tensor<4xf32>
  %1 = math.exp %0 fastmath<nnan> : tensor<4xf32>
  %2 = linalg.map ins(%1 : tensor<4xf32>) outs(%a : tensor<4xf32>) (%x: f32, %o: f32) {
    %y = arith.mulf %x, %x fastmath<reassoc> : f32
    linalg.yield %y : f32
  }
  return %2 : tensor<4xf32>
}
