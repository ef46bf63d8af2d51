// Every constraint of the operations, by its label.
// RUN: sym-opt --split-input-file --verify-diagnostics %s

//===----------------------------------------------------------------------===//
// sym.shared
//===----------------------------------------------------------------------===//

// shared_c1: an index is not storable (S4).
// expected-error@+1 {{'sym.shared' op element type 'index' is not storable}}
sym.shared @s : tensor<4xindex>

// -----

// shared_c1: the ABI has no code for 5 bits.
// expected-error@+1 {{'sym.shared' op element type 'i5' is not storable}}
sym.shared @s : tensor<4xi5>

// -----

// shared_c1: no encoding.
// expected-error@+1 {{'sym.shared' op tensor type 'tensor<4xf32, 1 : i64>' must have no encoding}}
sym.shared @s : tensor<4xf32, 1 : i64>

// -----

// shared_c1: a size that does not fit.
// expected-error@+1 {{'sym.shared' op tensor type 'tensor<4611686018427387904x2xf32>' has more bytes than 63 bits count}}
sym.shared @s : tensor<4611686018427387904x2xf32>

// -----

// shared_c1: an empty tensor has no bytes, whatever its other sizes.
sym.shared @s : tensor<4611686018427387904x0x8xf32>

// -----

// expected-error@+1 {{a shared variable needs a ranked tensor type, but got 'tensor<*xf32>'}}
sym.shared @s : tensor<*xf32>

// -----

// expected-error@+1 {{a shared variable needs a ranked tensor type, but got 'i64'}}
sym.shared @s : i64

// -----

// expected-error@+1 {{'sym.shared' op attribute 'type' failed to satisfy constraint: type attribute of ranked tensor of any type values}}
"sym.shared"() <{sym_name = "s", type = i32}> : () -> ()

// -----

// expected-error@+1 {{'sym.shared' op requires attribute 'type'}}
"sym.shared"() <{sym_name = "s"}> : () -> ()

// -----

// shared_c2: another element type.
// expected-error@+1 {{'sym.shared' op initial value has type 'tensor<2xf64>', which does not fit 'tensor<?xf32>'}}
sym.shared @s : tensor<?xf32> = dense<[1.0, 2.0]> : tensor<2xf64>

// -----

// shared_c2: another rank.
// expected-error@+1 {{'sym.shared' op initial value has type 'tensor<1x2xf32>', which does not fit 'tensor<?xf32>'}}
sym.shared @s : tensor<?xf32> = dense<[[1.0, 2.0]]> : tensor<1x2xf32>

// -----

// shared_c2: another static size.
// expected-error@+1 {{'sym.shared' op initial value has type 'tensor<2x2xf32>', which does not fit 'tensor<?x3xf32>'}}
sym.shared @s : tensor<?x3xf32> = dense<1.0> : tensor<2x2xf32>

// -----

// shared_c2: not a tensor.
// expected-error@+1 {{'sym.shared' op initial value has type 'vector<2xf32>', which does not fit 'tensor<?xf32>'}}
sym.shared @s : tensor<?xf32> = dense<1.0> : vector<2xf32>

// -----

// expected-error@+1 {{the initial value must be a dense constant}}
sym.shared @s : tensor<?xf32> = "zeros"

// -----

// shared_c3: a sparse constant.
// expected-error@+1 {{'sym.shared' op initial value must be dense or a dense resource}}
sym.shared @s : tensor<?xf32> = sparse<[[0]], [1.0]> : tensor<2xf32>

// -----

// shared_c3: a resource of the wrong size.
// expected-error@+1 {{'sym.shared' op initial value has type 'tensor<3xi32>' and needs 12 bytes, but its resource has 8}}
sym.shared @s : tensor<3xi32> = dense_resource<two>

{-#
  dialect_resources: {
    builtin: {
      two: "0x040000000100000002000000"
    }
  }
#-}

// -----

func.func @f() {
  // expected-error@+1 {{'sym.shared' op expects parent op 'builtin.module'}}
  sym.shared @s : tensor<i64>
  return
}

// -----

//===----------------------------------------------------------------------===//
// sym.expr and sym.yield
//===----------------------------------------------------------------------===//

// expr_c1
// expected-error@+1 {{'sym.expr' op argument #0 has type 'i64', but must be a storable ranked tensor}}
sym.expr @e(%x: i64) {
  sym.yield
}

// -----

// expr_c1
// expected-error@+1 {{'sym.expr' op result #0 has type 'tensor<index>', but must be a storable ranked tensor}}
sym.expr @e() -> tensor<index> {
  %x = arith.constant dense<0> : tensor<index>
  sym.yield %x : tensor<index>
}

// -----

// expr_c2
sym.expr @a() -> tensor<i64> {
  %r = sym.eval @b() : () -> tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.expr @b() -> tensor<i64> {
  // expected-error@+1 {{'sym.eval' op makes @b evaluate itself}}
  %r = sym.eval @a() : () -> tensor<i64>
  sym.yield %r : tensor<i64>
}

// -----

// expr_c2: itself.
sym.expr @a() -> tensor<i64> {
  // expected-error@+1 {{'sym.eval' op makes @a evaluate itself}}
  %r = sym.eval @a() : () -> tensor<i64>
  sym.yield %r : tensor<i64>
}

// -----

// expr_c3
// expected-error@+1 {{'sym.expr' op body must end in sym.yield}}
sym.expr @e(%x: tensor<i64>) {
  %y = arith.addi %x, %x : tensor<i64>
}

// -----

// yield_c1
sym.expr @e() -> tensor<i64> {
  // expected-error@+1 {{'sym.yield' op has 0 operands, but @e has 1 results}}
  sym.yield
}

// -----

// yield_c1
sym.expr @e(%x: tensor<f32>) -> tensor<i64> {
  // expected-error@+1 {{'sym.yield' op operand #0 has type 'tensor<f32>', but result #0 of @e has type 'tensor<i64>'}}
  sym.yield %x : tensor<f32>
}

// -----

// expected-error@+1 {{'sym.func' op body must end in sym.return}}
sym.func @f() {
  sym.yield
}

// -----

//===----------------------------------------------------------------------===//
// sym.func and sym.return
//===----------------------------------------------------------------------===//

// func_c1
// expected-error@+1 {{'sym.func' op argument #1 has type 'tensor<*xf32>', but must be a storable ranked tensor}}
sym.func @f(%x: tensor<f32>, %y: tensor<*xf32>) {
  sym.return
}

// -----

// func_c1: too many bytes.
// expected-error@+1 {{'sym.func' op argument #0 has type 'tensor<?x4611686018427387904xf64>', but must be a storable ranked tensor}}
sym.func @f(%x: tensor<?x4611686018427387904xf64>) {
  sym.return
}

// -----

// func_c2
// expected-error@+1 {{'sym.func' op argument #0 is sym.mutable but not sym.borrow: a copy is never overwritten}}
sym.func @f(%x: tensor<f32> {sym.mutable}) {
  sym.return
}

// -----

// expected-error@+1 {{'sym.func' op attribute 'sym.borrow' must be a unit}}
sym.func @f(%x: tensor<f32> {sym.borrow = 1}) {
  sym.return
}

// -----

// expected-error@+1 {{'sym.func' op attribute 'sym.lend' is not allowed here}}
sym.func @f(%x: tensor<f32> {sym.lend}) {
  sym.return
}

// -----

// expected-error@+1 {{'sym.func' op attribute 'sym.mutable' is not allowed here}}
sym.func @f(%x: tensor<f32>) -> (tensor<f32> {sym.mutable}) {
  sym.return %x : tensor<f32>
}

// -----

// expected-error@+1 {{'func.func' op attribute 'sym.borrow' is not allowed here}}
func.func @f(%x: tensor<f32> {sym.borrow}) {
  return
}

// -----

// func_c3
// expected-error@+1 {{'sym.func' op body must end in sym.return}}
sym.func @f(%x: tensor<i64>) {
  %y = arith.addi %x, %x : tensor<i64>
}

// -----

// expected-error@+1 {{custom op 'sym.func' expected non-empty function body}}
sym.func @f() {
}

// -----

// func_c3: no branches.
// expected-error@+1 {{'sym.func' op region #0 ('body') failed to verify constraint: region with 1 blocks}}
"sym.func"() <{sym_name = "f", function_type = () -> ()}> ({
  "cf.br"()[^bb1] : () -> ()
^bb1:
  "sym.return"() <{targets = [], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error@+1 {{'sym.func' op attribute 'function_type' failed to satisfy constraint: type attribute of function type}}
"sym.func"() <{sym_name = "f", function_type = i32}> ({
  "sym.return"() <{targets = [], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error@+1 {{'sym.func' op attribute 'arg_attrs' failed to satisfy constraint: Array of dictionary attributes}}
"sym.func"() <{sym_name = "f", function_type = () -> (), arg_attrs = [1]}> ({
  "sym.return"() <{targets = [], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error@+1 {{expects argument attribute array to have the same number of elements as the number of function arguments}}
"sym.func"() <{sym_name = "f", function_type = () -> (), arg_attrs = [{}]}> ({
  "sym.return"() <{targets = [], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// return_c1
sym.func @f(%x: tensor<f32>) -> tensor<i64> {
  // expected-error@+1 {{'sym.return' op operand #0 has type 'tensor<f32>', but result #0 of @f has type 'tensor<i64>'}}
  sym.return %x : tensor<f32>
}

// -----

// return_c2
sym.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.return' op uses unknown variable @s}}
  sym.return updates(@s = %x : tensor<f32>)
}

// -----

// return_c2: not a variable.
// expected-note@+1 {{declared here}}
func.func private @s()
sym.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.return' op needs a sym.shared, but @s is a func.func}}
  sym.return updates(@s = %x : tensor<f32>)
}

// -----

// return_c3
sym.shared @s : tensor<f32>
sym.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.return' op updates @s twice}}
  sym.return updates(@s = %x : tensor<f32>, @s = %x : tensor<f32>)
}

// -----

// return_c4
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<?xf32>
sym.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'sym.return' op the new value has type 'tensor<4xf32>', but @s has type 'tensor<?xf32>'}}
  sym.return updates(@s = %x : tensor<4xf32>)
}

// -----

// return_c5
sym.func @f(%x: tensor<4xf32>) -> (tensor<4xf32> {sym.borrow}, tensor<4xf32> {sym.borrow}) {
  // expected-error@+1 {{'sym.return' op returns one value as sym.borrow results #0 and #1, but results must not alias each other}}
  sym.return %x, %x : tensor<4xf32>, tensor<4xf32>
}

// -----

"sym.func"() <{sym_name = "f", function_type = () -> ()}> ({
  // expected-error@+1 {{'sym.return' op requires attribute 'targets'}}
  "sym.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

"sym.func"() <{sym_name = "f", function_type = () -> ()}> ({
  // expected-error@+1 {{'sym.return' op has 1 targets of updates, but 0 new values}}
  "sym.return"() <{targets = [@s], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

"sym.func"() <{sym_name = "f", function_type = () -> ()}> ({
  // expected-error@+1 {{'sym.return' op attribute 'targets' failed to satisfy constraint: flat symbol ref array attribute}}
  "sym.return"() <{targets = [1], operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

"sym.func"() <{sym_name = "f", function_type = () -> ()}> ({
  // expected-error@+1 {{'sym.return' op operand count (0) does not match with the total size (3) specified in attribute 'operandSegmentSizes'}}
  "sym.return"() <{targets = [], operandSegmentSizes = array<i32: 1, 2>}> : () -> ()
}) : () -> ()

// -----

//===----------------------------------------------------------------------===//
// sym.read
//===----------------------------------------------------------------------===//

// read_c1
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<i64>
sym.func @f() -> tensor<i32> {
  // expected-error@+1 {{'sym.read' op the result has type 'tensor<i32>', but @s has type 'tensor<i64>'}}
  %s = sym.read @s : tensor<i32>
  sym.return %s : tensor<i32>
}

// -----

// read_c1: a buffer is not what a body reads.
sym.shared @s : tensor<i64>
sym.func @f() {
  // expected-error@+1 {{'sym.read' op result #0 must be ranked tensor of any type values, but got 'memref<i64>'}}
  %s = "sym.read"() <{variable = @s}> : () -> memref<i64>
  sym.return
}

// -----

// read_c2
sym.shared @s : tensor<i64>
func.func @f() {
  // expected-error@+1 {{'sym.read' op belongs in a sym.func or sym.expr; a host program uses sym.get_value or sym.borrow}}
  %s = sym.read @s : tensor<i64>
  return
}

// -----

//===----------------------------------------------------------------------===//
// sym.eval
//===----------------------------------------------------------------------===//

// eval_c1
sym.func @f() {
  // expected-error@+1 {{'sym.eval' op evaluates unknown expression @e}}
  sym.eval @e() : () -> ()
  sym.return
}

// -----

// eval_c1
// expected-note@+1 {{declared here}}
sym.func @g() {
  sym.return
}
sym.func @f() {
  // expected-error@+1 {{'sym.eval' op needs a sym.expr, but @g is a sym.func}}
  sym.eval @g() : () -> ()
  sym.return
}

// -----

// eval_c2
sym.expr @e(%x: tensor<i64>) -> tensor<i64> {
  sym.yield %x : tensor<i64>
}
sym.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.eval' op has type '(tensor<f32>) -> tensor<i64>', but @e has type '(tensor<i64>) -> tensor<i64>'}}
  %r = sym.eval @e(%x) : (tensor<f32>) -> tensor<i64>
  sym.return
}

// -----

// eval_c3
sym.expr @e() {
  sym.yield
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op uses unknown variable @s}}
  sym.eval @e() givens(@s = %x : tensor<i64>) : () -> ()
  sym.return
}

// -----

// eval_c3
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<f32>
sym.expr @e() -> tensor<f32> {
  %s = sym.read @s : tensor<f32>
  sym.yield %s : tensor<f32>
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op the given value has type 'tensor<i64>', but @s has type 'tensor<f32>'}}
  %r = sym.eval @e() givens(@s = %x : tensor<i64>) : () -> tensor<f32>
  sym.return
}

// -----

// eval_c4
sym.shared @s : tensor<i64>
sym.expr @e() {
  sym.yield
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op gives @s, which @e does not read}}
  sym.eval @e() givens(@s = %x : tensor<i64>) : () -> ()
  sym.return
}

// -----

// eval_c4: what an inner evaluation gives is not read.
sym.shared @s : tensor<i64>
sym.expr @inner() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  sym.yield %s : tensor<i64>
}
sym.expr @outer(%x: tensor<i64>) -> tensor<i64> {
  %r = sym.eval @inner() givens(@s = %x : tensor<i64>) : () -> tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op gives @s, which @outer does not read}}
  %r = sym.eval @outer(%x) givens(@s = %x : tensor<i64>) : (tensor<i64>) -> tensor<i64>
  sym.return
}

// -----

// eval_c5
sym.shared @s : tensor<i64>
sym.expr @e() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  sym.yield %s : tensor<i64>
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op gives @s twice}}
  %r = sym.eval @e() givens(@s = %x : tensor<i64>, @s = %x : tensor<i64>) : () -> tensor<i64>
  sym.return
}

// -----

sym.expr @e() {
  sym.yield
}
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.eval' op has 0 givens, but 1 given values}}
  "sym.eval"(%x) <{callee = @e, targets = [], operandSegmentSizes = array<i32: 0, 1>}> : (tensor<i64>) -> ()
  sym.return
}

// -----

//===----------------------------------------------------------------------===//
// sym.check
//===----------------------------------------------------------------------===//

// check_c1
sym.func @f(%x: tensor<i1>) {
  %c = tensor.extract %x[] : tensor<i1>
  // expected-error@+1 {{'sym.check' op message names value {1}, but there are 1}}
  sym.check %c, "{0} and {1}"(%c : i1)
  sym.return
}

// -----

// check_c1: a number that no value has.
sym.func @f(%x: tensor<i1>) {
  %c = tensor.extract %x[] : tensor<i1>
  // expected-error@+1 {{'sym.check' op message names value {99999999999999999999}, but there are 0}}
  sym.check %c, "{99999999999999999999}"
  sym.return
}

// -----

// check_c2
sym.func @f(%x: tensor<i128>) {
  %c = arith.constant true
  %v = tensor.extract %x[] : tensor<i128>
  // expected-error@+1 {{'sym.check' op value of type 'i128' is wider than 64 bits}}
  sym.check %c, "{0}"(%v : i128)
  sym.return
}

// -----

// check_c2
sym.func @f(%x: tensor<i1>) {
  %c = tensor.extract %x[] : tensor<i1>
  // expected-error@+1 {{'sym.check' op operand #1 must be variadic of signless integer or index or floating-point, but got 'tensor<i1>'}}
  sym.check %c, "{0}"(%x : tensor<i1>)
  sym.return
}

// -----

//===----------------------------------------------------------------------===//
// Host programs
//===----------------------------------------------------------------------===//

// call_c1
func.func @f() {
  // expected-error@+1 {{'sym.call' op calls unknown function @g}}
  sym.call @g() : () -> ()
  return
}

// -----

// call_c1
// expected-note@+1 {{declared here}}
func.func private @g()
func.func @f() {
  // expected-error@+1 {{'sym.call' op needs a sym.func, but @g is a func.func}}
  sym.call @g() : () -> ()
  return
}

// -----

// call_c2
sym.func @g(%x: tensor<i64>) {
  sym.return
}
func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.call' op has type '(tensor<f32>) -> ()', but @g has type '(tensor<i64>) -> ()'}}
  sym.call @g(%x) : (tensor<f32>) -> ()
  return
}

// -----

// call_c2: as buffers.
sym.func @g(%x: tensor<?xi64>) {
  sym.return
}
func.func @f(%x: memref<4xi64>) {
  // expected-error@+1 {{'sym.call' op has type '(memref<4xi64>) -> ()', but @g has type '(tensor<?xi64>) -> ()'}}
  sym.call @g(%x) : (memref<4xi64>) -> ()
  return
}

// -----

// call_c3: a body is one transaction, and calls none.
sym.func @g() {
  sym.return
}
sym.func @f() {
  // expected-error@+1 {{'sym.call' op belongs in a host program (a func.func), not in a sym.func}}
  sym.call @g() : () -> ()
  sym.return
}

// -----

// call_c3
sym.func @g() {
  sym.return
}
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error@+1 {{'sym.call' op must not stand in a scf.parallel: a host program is a sequence of calls, in structured control flow}}
    sym.call @g() : () -> ()
    scf.reduce
  }
  return
}

// -----

// call_c3
sym.func @g() {
  sym.return
}
func.func @f(%n: index) {
  scf.forall (%i) in (%n) {
    // expected-error@+1 {{'sym.call' op must not stand in a scf.forall: a host program is a sequence of calls, in structured control flow}}
    sym.call @g() : () -> ()
  }
  return
}

// -----

// call_c3: an element of a tensor is not a step of a sequence.
sym.shared @s : tensor<i64>
func.func @f(%n: index) {
  %t = tensor.generate %n {
  ^bb0(%i: index):
    // expected-error@+1 {{'sym.get_value' op must not stand in a tensor.generate: a host program is a sequence of calls, in structured control flow}}
    %s = sym.get_value @s : tensor<i64>
    %v = tensor.extract %s[] : tensor<i64>
    tensor.yield %v : i64
  } : tensor<?xi64>
  return
}

// -----

// call_c1, before the entry is seen to be wrong (entry_c4).
func.func @f(%x: tensor<i64>) {
  sym.call @g(%x) : (tensor<i64>) -> ()
  return
}
// expected-error@+1 {{'sym.entry' op must take and return storable ranked tensors, but got 'i64'}}
sym.entry @g : (i64) -> () reads [] updates [] body @g.body
func.func private @g.body(%x: i64) {
  return
}

// -----

// get_value_c1
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<i64>
func.func @f() {
  // expected-error@+1 {{'sym.get_value' op the result has type 'tensor<i32>', but @s has type 'tensor<i64>'}}
  %s = sym.get_value @s : tensor<i32>
  return
}

// -----

// get_value_c2
sym.shared @s : tensor<i64>
sym.func @f() {
  // expected-error@+1 {{'sym.get_value' op belongs in a host program (a func.func), not in a sym.func}}
  %s = sym.get_value @s : tensor<i64>
  sym.return
}

// -----

// get_value_c2: no host program at all.
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.get_value' op must not stand in a builtin.module: a host program is a sequence of calls, in structured control flow}}
%s = sym.get_value @s : tensor<i64>

// -----

// set_value_c1
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<i64>
func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.set_value' op the value has type 'tensor<f32>', but @s has type 'tensor<i64>'}}
  sym.set_value @s = %x : tensor<f32>
  return
}

// -----

// set_value_c2
sym.shared @s : tensor<i64>
sym.func @f(%x: tensor<i64>) {
  // expected-error@+1 {{'sym.set_value' op belongs in a host program (a func.func), not in a sym.func}}
  sym.set_value @s = %x : tensor<i64>
  sym.return
}

// -----

// borrow_c1
// expected-note@+1 {{declared here}}
sym.shared @s : tensor<i64>
func.func @f() {
  // expected-error@+1 {{'sym.borrow' op the borrow has type 'tensor<i32>', but @s has type 'tensor<i64>'}}
  %b = sym.borrow @s : !sym.borrow<tensor<i32>, pinned>
  return
}

// -----

// borrow_c2
sym.shared @s : tensor<i64>
sym.func @f() {
  // expected-error@+1 {{'sym.borrow' op belongs in a host program (a func.func), not in a sym.func}}
  %b = sym.borrow @s : !sym.borrow<tensor<i64>, pinned>
  sym.return
}

// -----

// borrow_type_c1
// expected-error@+1 {{borrows a value of type 'tensor<4xindex>', which is not storable}}
func.func private @f(!sym.borrow<tensor<4xindex>, scoped>)

// -----

// expected-error@+2 {{expected ::mlir::sym::BorrowKind to be one of: pinned, scoped, exclusive}}
// expected-error@+1 {{failed to parse Sym_BorrowType parameter 'kind' which is to be a `::mlir::sym::BorrowKind`}}
func.func private @f(!sym.borrow<tensor<4xf32>, shared>)

// -----

// view_c1
func.func @f(%b: !sym.borrow<tensor<4xf32>, scoped>) {
  // expected-error@+1 {{'sym.view' op has type 'memref<3xf32>', but borrows 'tensor<4xf32>'}}
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped> -> memref<3xf32>
  return
}

// -----

// view_c2
func.func @f(%b: !sym.borrow<tensor<4xf32>, scoped>, %n: index) {
  scf.forall (%i) in (%n) {
    // expected-error@+1 {{'sym.view' op must not stand in a scf.forall: a host program is a sequence of calls, in structured control flow}}
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  }
  return
}

// -----

// release_c1
func.func @f(%b: !sym.borrow<tensor<4xf32>, scoped>, %x: tensor<4xf32>) {
  // expected-error@+1 {{'sym.release' op commits a value, but a scoped borrow cannot be written}}
  sym.release %b = %x : !sym.borrow<tensor<4xf32>, scoped>, tensor<4xf32>
  return
}

// -----

// release_c1
func.func @f(%b: !sym.borrow<tensor<4xf32>, exclusive>, %x: tensor<3xf32>) {
  // expected-error@+1 {{'sym.release' op commits a value of type 'tensor<3xf32>', but borrows 'tensor<4xf32>'}}
  sym.release %b = %x : !sym.borrow<tensor<4xf32>, exclusive>, tensor<3xf32>
  return
}

// -----

// release_c2
func.func @f(%b: !sym.borrow<tensor<4xf32>, scoped>, %n: index) {
  scf.forall (%i) in (%n) {
    // expected-error@+1 {{'sym.release' op must not stand in a scf.forall: a host program is a sequence of calls, in structured control flow}}
    sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  }
  return
}

// -----

// print_c1
sym.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{'sym.print' op belongs in a host program (a func.func), not in a sym.func}}
  sym.print %x : tensor<f32>
  sym.return
}

// -----

//===----------------------------------------------------------------------===//
// sym.entry
//===----------------------------------------------------------------------===//

// entry_c1
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op reads @s twice}}
sym.entry @f : () -> () reads [@s, @s] updates [] body @b
func.func private @b(%x: tensor<i64>, %y: tensor<i64>) {
  return
}

// -----

// entry_c1
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op updates @s twice}}
sym.entry @f : (tensor<i64>) -> () reads [] updates [@s, @s] body @b
func.func private @b(%x: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  return %x, %x : tensor<i64>, tensor<i64>
}

// -----

// entry_c1
// expected-error@+1 {{'sym.entry' op uses @s, which is not a sym.shared}}
sym.entry @f : () -> () reads [@s] updates [] body @b
func.func private @b(%x: tensor<i64>) {
  return
}

// -----

// entry_c2
// expected-error@+1 {{'sym.entry' op must have either a body or both variants}}
sym.entry @f : () -> () reads [] updates []

// -----

// entry_c2
// expected-error@+1 {{'sym.entry' op must have either a body or both variants}}
sym.entry @f : () -> () reads [] updates [] inplace @v []
func.func private @v() {
  return
}

// -----

// entry_c2: no slots, which only the generic form can say.
// expected-error@+1 {{'sym.entry' op must have slots for each variant, and only those}}
"sym.entry"() <{sym_name = "f", function_type = () -> (), reads = [], updates = [],
                inplace = @v, outofplace = @v}> : () -> ()
func.func private @v() {
  return
}

// -----

// entry_c2
// expected-error@+1 {{'sym.entry' op names unknown function @b}}
sym.entry @f : () -> () reads [] updates [] body @b

// -----

// entry_c2
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op does not fit the type of @b, '(tensor<i64>) -> ()'}}
sym.entry @f : () -> () reads [@s] updates [@s] body @b
func.func private @b(%x: tensor<i64>) {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op has 1 slots, but 1 results and 1 updates}}
sym.entry @f : () -> tensor<i64> reads [@s] updates [@s]
    inplace @v [#sym.slot<fresh>] outofplace @v [#sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 is a result and must be fresh or moved}}
sym.entry @f : () -> tensor<i64> reads [@s] updates [@s]
    inplace @v [#sym.slot<selected>, #sym.slot<fresh>]
    outofplace @v [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 is in place in the out-of-place variant}}
sym.entry @f : () -> () reads [@s] updates [@s]
    inplace @v [#sym.slot<inplace>] outofplace @v [#sym.slot<inplace>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 is in place, but its variable is not read}}
sym.entry @f : () -> () reads [] updates [@s]
    inplace @v [#sym.slot<inplace>] outofplace @v [#sym.slot<fresh>]
func.func private @v() {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 has a source if and only if it is moved}}
sym.entry @f : () -> () reads [@s] updates [@s]
    inplace @v [#sym.slot<fresh, 0>] outofplace @v [#sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 moves a source that does not exist}}
sym.entry @f : () -> () reads [@s] updates [@s]
    inplace @v [#sym.slot<moved, 1>] outofplace @v [#sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @a : tensor<i64>
sym.shared @b : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #1 moves a source that another slot moves}}
sym.entry @f : () -> () reads [@a] updates [@a, @b]
    inplace @v [#sym.slot<moved, 0>, #sym.slot<moved, 0>]
    outofplace @v [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c3
sym.shared @a : tensor<i64>
sym.shared @b : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 moves the buffer of a variable that keeps it}}
sym.entry @f : () -> () reads [@a] updates [@b]
    inplace @v [#sym.slot<moved, 0>] outofplace @v [#sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// entry_c4
// expected-error@+1 {{'sym.entry' op must take and return storable ranked tensors, but got 'tensor<index>'}}
sym.entry @f : (tensor<index>) -> () reads [] updates [] body @b
func.func private @b(%x: tensor<index>) {
  return
}

// -----

// entry_c4
// expected-error@+1 {{'sym.entry' op has attributes for 0 arguments, but 1 arguments}}
"sym.entry"() <{sym_name = "f", function_type = (tensor<i64>) -> (), reads = [], updates = [],
                arg_attrs = [], body = @b}> : () -> ()
func.func private @b(%x: tensor<i64>) {
  return
}

// -----

// entry_c4
// expected-error@+1 {{'sym.entry' op result attribute 'sym.mutable' is neither sym.borrow nor, for arguments, sym.mutable}}
"sym.entry"() <{sym_name = "f", function_type = () -> tensor<i64>, reads = [], updates = [],
                res_attrs = [{sym.mutable}], body = @b}> : () -> ()
func.func private @b() -> tensor<i64> {
  %x = arith.constant dense<0> : tensor<i64>
  return %x : tensor<i64>
}

// -----

//===----------------------------------------------------------------------===//
// What stages leave
//===----------------------------------------------------------------------===//

// alloc_result_c1
func.func @f() {
  // expected-error@+1 {{'sym.alloc_result' op has 0 sizes, but 'memref<?xf32>' has 1 dynamic dimensions}}
  %r = sym.alloc_result 0() : memref<?xf32>
  return
}

// -----

// alloc_result_c1
func.func @f() {
  // expected-error@+1 {{'sym.alloc_result' op needs a buffer of identity layout, but got 'memref<4xf32, strided<[2]>>'}}
  %r = sym.alloc_result 0() : memref<4xf32, strided<[2]>>
  return
}

// -----

// alloc_result_c2
func.func @f() {
  // expected-error@+1 {{'sym.alloc_result' op has the negative slot -1}}
  %r = sym.alloc_result -1() : memref<4xf32>
  return
}

// -----

// select_result_c1
func.func @f(%m: memref<4xf32>) {
  // expected-error@+1 {{'sym.select_result' op has the negative slot -2}}
  sym.select_result -2 = %m : memref<4xf32>
  return
}

// -----

// move_result_c1
func.func @f() {
  // expected-error@+1 {{'sym.move_result' op has the negative number -1}}
  sym.move_result 0 from -1
  return
}

// -----

// The old value of a variable that keeps its buffer cannot become a result.
sym.shared @s : tensor<i64>
// expected-error@+1 {{'sym.entry' op slot #0 moves the buffer of a variable that keeps it}}
sym.entry @f : () -> tensor<i64> reads [@s] updates [@s]
    inplace @v [#sym.slot<moved, 0>, #sym.slot<inplace>]
    outofplace @v [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @v(%s: memref<i64>) {
  return
}

// -----

// arena_c1
func.func @f(%n: index) {
  // expected-error@+1 {{'sym.arena' op needs a buffer of type memref<?xi8>, but got 'memref<4xi8>'}}
  %a = sym.arena %n : memref<4xi8>
  return
}
