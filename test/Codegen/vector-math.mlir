// Mathematical functions become calls of a vector library, a register at a
// time; a scalar takes a register of its own (T9).

// RUN: sym-opt %s --sym-vector-math=cpu=x86-64-v3 | FileCheck %s
// RUN: sym-opt %s --sym-vector-math=cpu=x86-64-v4 | FileCheck %s --check-prefix=AVX512
// RUN: sym-opt %s --sym-vector-math=cpu=x86-64 | FileCheck %s --check-prefix=SSE
// RUN: sym-opt %s --sym-vector-math="cpu=x86-64-v3 math=libm" | FileCheck %s --check-prefix=LIBM

// CHECK-DAG: llvm.func @_ZGVdN8v_expf(vector<8xf32>) -> vector<8xf32>
// CHECK-DAG: llvm.func @_ZGVdN4vv_pow(vector<4xf64>, vector<4xf64>) -> vector<4xf64>
// SSE-DAG: llvm.func @_ZGVbN4v_expf(vector<4xf32>) -> vector<4xf32>
// AVX512-DAG: llvm.func @_ZGVeN16v_expf(vector<16xf32>) -> vector<16xf32>
// LIBM-DAG: llvm.func @expf(f32) -> f32

// CHECK-LABEL: func.func @register
// CHECK: %[[R:.*]] = llvm.call @_ZGVdN8v_expf(%arg0)
// CHECK: return %[[R]]
// SSE-LABEL: func.func @register
// SSE-COUNT-2: llvm.call @_ZGVbN4v_expf
// AVX512-LABEL: func.func @register
// AVX512-COUNT-1: llvm.call @_ZGVeN16v_expf
// LIBM-LABEL: func.func @register
// LIBM-COUNT-8: llvm.call @expf
func.func @register(%v: vector<8xf32>) -> vector<8xf32> {
  %r = math.exp %v : vector<8xf32>
  return %r : vector<8xf32>
}

// CHECK-LABEL: func.func @two_and_a_bit
// CHECK-COUNT-3: llvm.call @_ZGVdN4vv_pow
// CHECK-NOT: llvm.call
func.func @two_and_a_bit(%v: vector<10xf64>) -> vector<10xf64> {
  %r = math.powf %v, %v : vector<10xf64>
  return %r : vector<10xf64>
}

// CHECK-LABEL: func.func @scalar
// CHECK: %[[V:.*]] = vector.broadcast %arg0 : f32 to vector<8xf32>
// CHECK: %[[E:.*]] = llvm.call @_ZGVdN8v_expf(%[[V]])
// CHECK: vector.extract %[[E]][0]
func.func @scalar(%x: f32) -> f32 {
  %r = math.exp %x : f32
  return %r : f32
}

// CHECK-LABEL: func.func @half
// CHECK: arith.extf %arg0 : vector<8xf16> to vector<8xf32>
// CHECK: llvm.call @_ZGVdN8v_tanhf
// CHECK: arith.truncf
func.func @half(%v: vector<8xf16>) -> vector<8xf16> {
  %r = math.tanh %v : vector<8xf16>
  return %r : vector<8xf16>
}

// CHECK-LABEL: func.func @sincos
// CHECK: llvm.call @_ZGVdN8v_sinf
// CHECK: llvm.call @_ZGVdN8v_cosf
func.func @sincos(%x: f32) -> (f32, f32) {
  %s, %c = math.sincos %x : f32
  return %s, %c : f32, f32
}

// CHECK-LABEL: func.func @rank_2
// CHECK: vector.shape_cast %arg0 : vector<2x4xf32> to vector<8xf32>
// CHECK: llvm.call @_ZGVdN8v_expf
// CHECK: vector.shape_cast %{{.*}} : vector<8xf32> to vector<2x4xf32>
func.func @rank_2(%v: vector<2x4xf32>) -> vector<2x4xf32> {
  %r = math.exp %v : vector<2x4xf32>
  return %r : vector<2x4xf32>
}

// Integer exponents: by squaring.
// CHECK-LABEL: func.func @powers
// CHECK: scf.while
// CHECK: scf.while
func.func @powers(%x: f32, %i: i32) -> (f32, i32) {
  %f = math.fpowi %x, %i : f32, i32
  %n = math.ipowi %i, %i : i32
  return %f, %n : f32, i32
}

// What has an instruction or an intrinsic stays.
// CHECK-LABEL: func.func @instructions
// CHECK: math.sqrt
// CHECK: math.floor
func.func @instructions(%v: vector<8xf32>) -> vector<8xf32> {
  %s = math.sqrt %v : vector<8xf32>
  %f = math.floor %s : vector<8xf32>
  return %f : vector<8xf32>
}
