// What remains is converted in one go; rounding division, bf16 and masked and
// n-dimensional vectors too.
// RUN: sym-opt %s --sym-convert-to-llvm --reconcile-unrealized-casts | FileCheck %s

// CHECK-LABEL: llvm.func @f(
// CHECK-NOT: arith.
// CHECK-NOT: vector.
// CHECK-NOT: unrealized_conversion_cast
func.func @f(%i: index, %x: f32, %v: vector<2x4xf32>, %m: memref<?xf32>) -> (index, bf16, vector<4x2xf32>) {
  %c3 = arith.constant 3 : index
  %q = arith.ceildivui %i, %c3 : index
  %t = arith.truncf %x : f32 to bf16
  %tr = vector.transpose %v, [1, 0] : vector<2x4xf32> to vector<4x2xf32>
  %mask = vector.create_mask %i : vector<8xi1>
  %zero = arith.constant dense<0.0> : vector<8xf32>
  %l = vector.maskedload %m[%c3], %mask, %zero : memref<?xf32>, vector<8xi1>, vector<8xf32> into vector<8xf32>
  %e = math.sqrt %l : vector<8xf32>
  vector.store %e, %m[%i] : memref<?xf32>, vector<8xf32>
  // CHECK: llvm.return
  return %q, %t, %tr : index, bf16, vector<4x2xf32>
}

// LLVM has neither an instruction nor an expansion for these.
// CHECK-LABEL: llvm.func @wide(
// CHECK-NOT: llvm.intr.maximum
// CHECK: llvm.intr.copysign
// CHECK-NOT: llvm.intr.minimum
func.func @wide(%x: f80, %y: vector<2xf128>, %z: vector<2xf128>) -> (f80, vector<2xf128>) {
  %half = arith.constant 0.5 : f80
  %max = arith.maximumf %x, %half : f80
  %min = arith.minimumf %y, %z : vector<2xf128>
  return %max, %min : f80, vector<2xf128>
}
