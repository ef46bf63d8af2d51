// Vector operations become those that LLVM has.

// RUN: sym-opt %s --sym-lower-vectors | FileCheck %s

// CHECK-LABEL: func.func @mask
// CHECK: arith.constant dense<[0, 1, 2, 3]> : vector<4xi32>
// CHECK: arith.cmpi
// CHECK-NOT: vector.create_mask
func.func @mask(%n: index) -> vector<4xi1> {
  %m = vector.create_mask %n : vector<4xi1>
  return %m : vector<4xi1>
}

// CHECK-LABEL: func.func @step
// CHECK: arith.constant dense<[0, 1, 2, 3]> : vector<4xindex>
func.func @step() -> vector<4xindex> {
  %s = vector.step : vector<4xindex>
  return %s : vector<4xindex>
}

// CHECK-LABEL: func.func @shape
// CHECK-NOT: vector.shape_cast
func.func @shape(%v: vector<2x2xf32>) -> vector<4xf32> {
  %s = vector.shape_cast %v : vector<2x2xf32> to vector<4xf32>
  return %s : vector<4xf32>
}
