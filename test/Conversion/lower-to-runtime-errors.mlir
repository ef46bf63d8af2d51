// What cannot be lowered is said, not lowered wrongly.
// RUN: sym-opt %s --sym-lower-to-runtime --split-input-file --verify-diagnostics

func.func @parallel(%ok: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @below {{the region of this 'scf.parallel'}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error @below {{stands in a region from which a failing call cannot return (T4)}}
    sym.check %ok, "no"
  }
  return
}

// -----

func.func private @f()
func.func @indirect(%f: () -> ()) {
  // expected-error @below {{calls a function that is not known before run time}}
  func.call_indirect %f() : () -> ()
  return
}

// -----

func.func @aligned() {
  // expected-error @below {{asks for an alignment of 4096; the runtime aligns to 64 bytes}}
  %a = memref.alloc() {alignment = 4096 : i64} : memref<4xf32>
  return
}

// -----

sym.shared @s : tensor<4xf32>
func.func @strided(%v: memref<4xf32, strided<[2]>>) {
  // expected-error @below {{expects a buffer of identity layout, found 'memref<4xf32, strided<[2]>>'}}
  sym.set_value @s = %v : memref<4xf32, strided<[2]>>
  return
}

// -----

sym.shared @s : tensor<4xf32>
func.func @tensors() {
  // expected-error @below {{expects buffers, found 'tensor<4xf32>'}}
  %v = sym.get_value @s : tensor<4xf32>
  return
}

// -----

// expected-error @below {{has no variants; the stage 'buffers' makes them}}
sym.entry @f : () -> () reads [] updates [] body @f.body
func.func private @f.body() {
  return
}
