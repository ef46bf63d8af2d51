// A verifier stands between stages; its message names the stage.
// RUN: split-file %s %t
// RUN: sym-opt --sym-verify-stage=stage=resolve --verify-diagnostics --split-input-file %t/resolve.mlir
// RUN: sym-opt --sym-verify-stage=stage=functionalize --verify-diagnostics --split-input-file %t/functionalize.mlir
// RUN: sym-opt --sym-verify-stage=stage=checks --verify-diagnostics --split-input-file %t/checks.mlir
// RUN: sym-opt --sym-verify-stage=stage=linalg --verify-diagnostics --split-input-file %t/linalg.mlir
// RUN: sym-opt --sym-verify-stage=stage=buffers --verify-diagnostics --split-input-file %t/buffers.mlir
// RUN: sym-opt --sym-verify-stage=stage=host --verify-diagnostics --split-input-file %t/host.mlir

//--- resolve.mlir
// expected-error @below {{'sym.expr' op must not remain after the stage 'resolve'}}
// expected-note @below {{the module may hold arith, math, complex, linalg, tensor, scf}}
sym.expr @e(%x: tensor<i64>) -> tensor<i64> {
  sym.yield %x : tensor<i64>
}

// -----

sym.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'func.call' op must not stand in a function over shared variables after the stage 'resolve'}}
  // expected-note @below {{bodies may hold arith, math, complex, linalg, tensor, scf}}
  %r = func.call @g(%x) : (tensor<4xf32>) -> tensor<4xf32>
  sym.return %r : tensor<4xf32>
}
func.func private @g(%x: tensor<4xf32>) -> tensor<4xf32>

// -----

sym.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'tensor.cast' op has a value of unknown rank after the stage 'resolve'}}
  %u = tensor.cast %x : tensor<4xf32> to tensor<*xf32>
  // expected-error @below {{'tensor.cast' op has a value of unknown rank after the stage 'resolve'}}
  %r = tensor.cast %u : tensor<*xf32> to tensor<4xf32>
  sym.return %r : tensor<4xf32>
}

// -----

// expected-error @below {{'func.func' op has a buffer after the stage 'resolve'}}
func.func @main(%x: memref<4xf32>) {
  return
}

// -----

// expected-error @below {{'func.func' op has a vector after the stage 'resolve'}}
func.func @main(%x: vector<4xf32>) {
  return
}

// -----

// A program is one module: units of a program are modules too.
module {
  // expected-error @below {{'builtin.module' op stands in another module; a program is one module}}
  module {
  }
}

// -----

// Floats of eight bits are stored, moved and converted as bits.
sym.shared @s : tensor<4xf8E4M3FN> = dense<1.0>
sym.func @move() -> tensor<4xi8> {
  %s = sym.read @s : tensor<4xf8E4M3FN>
  %b = arith.bitcast %s : tensor<4xf8E4M3FN> to tensor<4xi8>
  %two = arith.constant dense<2.0> : tensor<4xf8E4M3FN>
  sym.return %b : tensor<4xi8> updates(@s = %two : tensor<4xf8E4M3FN>)
}
sym.func @elementwise(%x: tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN> {
  // expected-error @below {{'arith.addf' op computes with 'f8E4M3FN', whose values can only be stored and moved}}
  %r = arith.addf %x, %x : tensor<4xf8E4M3FN>
  // expected-error @below {{'math.exp' op computes with 'f8E4M3FN'}}
  %e = math.exp %r : tensor<4xf8E4M3FN>
  sym.return %e : tensor<4xf8E4M3FN>
}
sym.func @casts(%x: tensor<4xf8E5M2>, %n: tensor<4xi32>) -> tensor<4xf32> {
  // expected-error @below {{'arith.extf' op computes with 'f8E5M2'}}
  %r = arith.extf %x : tensor<4xf8E5M2> to tensor<4xf32>
  // expected-error @below {{'arith.truncf' op computes with 'f4E2M1FN'}}
  %t = arith.truncf %r : tensor<4xf32> to tensor<4xf4E2M1FN>
  // expected-error @below {{'arith.sitofp' op computes with 'f8E4M3FN'}}
  %i = arith.sitofp %n : tensor<4xi32> to tensor<4xf8E4M3FN>
  sym.return %r : tensor<4xf32>
}
sym.func @reduction(%x: tensor<4xf8E5M2>, %init: tensor<f8E5M2>) -> tensor<f8E5M2> {
  // expected-error @below {{'arith.addf' op computes with 'f8E5M2'}}
  %r = linalg.reduce { arith.addf } ins(%x : tensor<4xf8E5M2>)
      outs(%init : tensor<f8E5M2>) dimensions = [0]
  sym.return %r : tensor<f8E5M2>
}
sym.func @product(%x: tensor<4x4xf8E5M2>, %c: tensor<4x4xf8E5M2>) -> tensor<4x4xf8E5M2> {
  // For the multiplication and the addition.
  // expected-error @below {{'linalg.matmul' op computes with 'f8E5M2'}}
  %r = linalg.matmul ins(%x, %x : tensor<4x4xf8E5M2>, tensor<4x4xf8E5M2>)
      outs(%c : tensor<4x4xf8E5M2>) -> tensor<4x4xf8E5M2>
  sym.return %r : tensor<4x4xf8E5M2>
}
func.func @main() {
  %s = sym.get_value @s : tensor<4xf8E4M3FN>
  // expected-error @below {{'arith.addf' op computes with 'f8E4M3FN'}}
  %r = arith.addf %s, %s : tensor<4xf8E4M3FN>
  sym.set_value @s = %r : tensor<4xf8E4M3FN>
  return
}

//--- functionalize.mlir
sym.shared @s : tensor<4xf32>
// expected-error @below {{'sym.func' op must not remain after the stage 'functionalize'}}
// expected-note @below {{the module may hold}}
sym.func @f() -> tensor<4xf32> {
  %s = sym.read @s : tensor<4xf32>
  sym.return %s : tensor<4xf32>
}

//--- checks.mlir
// T4: a check in a parallel region cannot end the call.
func.func @f(%n: index) -> tensor<?xindex> {
  // expected-note @below {{since it stands in 'tensor.generate'}}
  %r = tensor.generate %n {
  ^bb0(%i: index):
    %ok = arith.cmpi ult, %i, %n : index
    // expected-error @below {{'sym.check' op cannot end the call after the stage 'checks'}}
    sym.check %ok, "out of range"
    tensor.yield %i : index
  } : tensor<?xindex>
  return %r : tensor<?xindex>
}

//--- linalg.mlir
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'math.exp' op must not work on tensors after the stage 'linalg'}}
  %r = math.exp %x : tensor<4xf32>
  return %r : tensor<4xf32>
}

//--- buffers.mlir
// expected-error @below {{'func.func' op has a tensor value after the stage 'buffers'}}
func.func @f(%x: tensor<4xf32>) {
  return
}

//--- host.mlir
// expected-error @below {{'func.func' op must not remain after the stage 'host'}}
// expected-note @below {{the module may hold llvm, omp, builtin.module}}
func.func @f() {
  return
}
