// Arithmetic on bf16 is computed in f32, one operation at a time.

// RUN: sym-opt %s --sym-widen-bfloats | FileCheck %s

// CHECK-LABEL: func.func @add
// CHECK: %[[X:.*]] = arith.extf %arg0 : bf16 to f32
// CHECK: %[[Y:.*]] = arith.extf %arg1 : bf16 to f32
// CHECK: %[[Z:.*]] = arith.addf %[[X]], %[[Y]] : f32
// CHECK: %[[C:.*]] = arith.truncf %[[Z]] : f32 to bf16
// CHECK: return %[[C]]
func.func @add(%a: bf16, %b: bf16) -> bf16 {
  %c = arith.addf %a, %b : bf16
  return %c : bf16
}

// Comparisons have no result to round; choices move bits.
// CHECK-LABEL: func.func @largest
// CHECK: %[[M:.*]] = arith.cmpf ogt, %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK-NOT: arith.truncf
// CHECK: arith.select %[[M]], %arg0, %arg1 : vector<8xi1>, vector<8xbf16>
func.func @largest(%a: vector<8xbf16>, %b: vector<8xbf16>) -> vector<8xbf16> {
  %m = arith.cmpf ogt, %a, %b : vector<8xbf16>
  %c = arith.select %m, %a, %b : vector<8xi1>, vector<8xbf16>
  return %c : vector<8xbf16>
}

// f64 goes through an f32 whose last bit says that digits were lost.
// CHECK-LABEL: func.func @narrow
// CHECK: arith.truncf %arg0 : f64 to f32
// CHECK: arith.ori
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @narrow(%a: f64) -> bf16 {
  %c = arith.truncf %a : f64 to bf16
  return %c : bf16
}

// CHECK-LABEL: func.func @wide
// CHECK: %[[S:.*]] = arith.extf %arg0 : bf16 to f32
// CHECK: arith.extf %[[S]] : f32 to f64
func.func @wide(%a: bf16) -> f64 {
  %c = arith.extf %a : bf16 to f64
  return %c : f64
}

// Integers of 64 bits keep one bit for the digits that f64 has no place for.
// CHECK-LABEL: func.func @whole
// CHECK: arith.andi
// CHECK: arith.sitofp %{{.*}} : i64 to f64
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @whole(%a: i64) -> bf16 {
  %c = arith.sitofp %a : i64 to bf16
  return %c : bf16
}
