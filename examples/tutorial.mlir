// The tutorial on shared variables: a function with state, a second function on
// the same state, a reset, and a function that puts a value in the place of the
// state.
//
//   sym-runner examples/tutorial.mlir

sym.shared @state : tensor<i64> = dense<0>

// Adds `inc` to the state and returns what the state was before (T3).
sym.func @accumulator(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %next = arith.addi %s, %inc : tensor<i64>
  sym.return %s : tensor<i64> updates(@state = %next : tensor<i64>)
}

// Another function over the same variable.
sym.func @decrementor(%dec: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %next = arith.subi %s, %dec : tensor<i64>
  sym.return %s : tensor<i64> updates(@state = %next : tensor<i64>)
}

// state * 2 + inc: not a function that can be called, but an expression that
// functions evaluate.
sym.expr @fn_of_state(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %two = arith.constant dense<2> : tensor<i64>
  %twice = arith.muli %s, %two : tensor<i64>
  %r = arith.addi %twice, %inc : tensor<i64>
  sym.yield %r : tensor<i64>
}

// The expression with `foo` given for the state, which is neither read nor
// changed.
sym.func @skip_shared(%inc: tensor<i64>, %foo: tensor<i64>) -> tensor<i64> {
  %r = sym.eval @fn_of_state(%inc) givens(@state = %foo : tensor<i64>)
      : (tensor<i64>) -> tensor<i64>
  sym.return %r : tensor<i64>
}

func.func @main() {
  %c1 = arith.constant dense<1> : tensor<i64>
  %c300 = arith.constant dense<300> : tensor<i64>
  %minus1 = arith.constant dense<-1> : tensor<i64>
  %c3 = arith.constant dense<3> : tensor<i64>
  %c2 = arith.constant dense<2> : tensor<i64>

  %s0 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s0 : tensor<i64> // 0
  %r0 = sym.call @accumulator(%c1) : (tensor<i64>) -> tensor<i64>
  sym.print "accumulator(1) returns " %r0 : tensor<i64> // 0
  %s1 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s1 : tensor<i64> // 1
  %r1 = sym.call @accumulator(%c300) : (tensor<i64>) -> tensor<i64>
  sym.print "accumulator(300) returns " %r1 : tensor<i64> // 1
  %s2 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s2 : tensor<i64> // 301

  sym.set_value @state = %minus1 : tensor<i64>
  %r2 = sym.call @accumulator(%c3) : (tensor<i64>) -> tensor<i64>
  sym.print "set to -1, accumulator(3) returns " %r2 : tensor<i64> // -1
  %s3 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s3 : tensor<i64> // 2

  %r3 = sym.call @decrementor(%c2) : (tensor<i64>) -> tensor<i64>
  sym.print "decrementor(2) returns " %r3 : tensor<i64> // 2
  %s4 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s4 : tensor<i64> // 0

  %r4 = sym.call @skip_shared(%c1, %c3) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  sym.print "skip_shared(1, 3) returns " %r4 : tensor<i64> // 7
  %s5 = sym.get_value @state : tensor<i64>
  sym.print "state: " %s5 : tensor<i64> // 0
  return
}
