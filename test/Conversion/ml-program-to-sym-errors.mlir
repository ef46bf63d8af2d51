// What cannot become a transaction is named, with its place.
// RUN: sym-opt --convert-ml-program-to-sym --split-input-file --verify-diagnostics %s

// expected-error @below {{has type 'tensor<*xf32>', but a variable holds a number or a ranked tensor of storable elements}}
ml_program.global private mutable @unranked : tensor<*xf32>

// -----

// expected-error @below {{has type 'vector<4xf32>', but a variable holds}}
ml_program.global private mutable @vector : vector<4xf32>

// -----

// expected-error @below {{has an initial value that a variable of 'tensor<?xf32>' cannot take: dense<1> : tensor<2xi32>}}
ml_program.global private @element(dense<1> : tensor<2xi32>) : tensor<?xf32>

// -----

// expected-error @below {{has an initial value that a variable of 'tensor<f32>' cannot take: "text"}}
ml_program.global private @text("text") : f32

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-note @below {{the function is here}}
func.func @recursive() {
  ml_program.global_load @a : tensor<i64>
  // expected-error @below {{cannot be inlined: @recursive calls itself}}
  call @recursive() : () -> ()
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-note @below {{the function is here}}
func.func @even() {
  ml_program.global_load @a : tensor<i64>
  call @odd() : () -> ()
  return
}
func.func private @odd() {
  // expected-error @below {{cannot be inlined: @even calls itself}}
  call @even() : () -> ()
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-note @below {{the function is here}}
func.func private @extern() -> tensor<i64>
func.func @caller() {
  // expected-error @below {{cannot be inlined: @extern has no body}}
  %v = call @extern() : () -> tensor<i64>
  ml_program.global_store @a = %v : tensor<i64>
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
func.func @indirect(%x: i64) {
  ml_program.global_load @a : tensor<i64>
  %f = constant @callee : () -> ()
  // expected-error @below {{only direct calls of functions can be inlined}}
  call_indirect %f() : () -> ()
  return
}
func.func private @callee() {
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-note @below {{the function is here}}
func.func @host() {
  %a = sym.get_value @v : tensor<i64>
  return
}
func.func @caller() {
  ml_program.global_load @a : tensor<i64>
  // expected-error @below {{cannot be inlined: @host is a host program}}
  call @host() : () -> ()
  return
}
sym.shared @v : tensor<i64>

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
func.func @parallel(%n: index, %x: tensor<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @below {{inside this operation}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error @below {{stores a global inside 'scf.parallel', which does not run its regions one after the other}}
    ml_program.global_store @a = %x : tensor<i64>
  }
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-error @below {{accesses globals, but argument #1 has type 'memref<4xf32>', which is neither a number nor a ranked tensor of storable elements}}
func.func @buffer(%x: i64, %m: memref<4xf32>) {
  ml_program.global_load @a : tensor<i64>
  return
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-error @below {{accesses globals, but result #0 has type 'tensor<*xi64>'}}
func.func @unranked() -> tensor<*xi64> {
  %a = ml_program.global_load @a : tensor<i64>
  %u = tensor.cast %a : tensor<i64> to tensor<*xi64>
  return %u : tensor<*xi64>
}

// -----

ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// expected-error @below {{has operations that depend on each other in a cycle}}
ml_program.subgraph @cycle() -> tensor<i64> {
  %x = arith.addi %y, %y : tensor<i64>
  %y = arith.addi %x, %x : tensor<i64>
  ml_program.output %y : tensor<i64>
}

// -----

func.func private @outer()
module {
  // expected-error @below {{stands where it cannot be converted to sym}}
  ml_program.global private mutable @nested(dense<0> : tensor<i64>) : tensor<i64>
}
