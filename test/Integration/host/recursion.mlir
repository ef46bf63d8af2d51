// Host programs call themselves and each other; what ends gives its result, in
// a deep stack and in one that is just deep enough.
// RUN: sym-runner %s | FileCheck %s
// RUN: bash -c "ulimit -s 4096; exec sym-runner %s" | FileCheck %s

sym.shared @s : tensor<i64> = dense<0>
sym.func @add(%x: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %x : tensor<i64>
  sym.return %s : tensor<i64> updates(@s = %n : tensor<i64>)
}

func.func private @factorial(%n: i64) -> i64 {
  %c1 = arith.constant 1 : i64
  %isLast = arith.cmpi sle, %n, %c1 : i64
  cf.cond_br %isLast, ^end(%c1 : i64), ^next
^next:
  %m = arith.subi %n, %c1 : i64
  %f = call @factorial(%m) : (i64) -> i64
  %p = arith.muli %n, %f : i64
  cf.br ^end(%p : i64)
^end(%r: i64):
  return %r : i64
}

// Adds n, n - 1, ..., 1 to the variable.
func.func private @down(%n: i64) {
  %c1 = arith.constant 1 : i64
  %goesOn = arith.cmpi sge, %n, %c1 : i64
  cf.cond_br %goesOn, ^next, ^end
^next:
  %x = tensor.from_elements %n : tensor<i64>
  %old = sym.call @add(%x) : (tensor<i64>) -> tensor<i64>
  %m = arith.subi %n, %c1 : i64
  call @down(%m) : (i64) -> ()
  cf.br ^end
^end:
  return
}

func.func private @even(%n: i64) -> i1 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %true = arith.constant true
  %isZero = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %isZero, ^end(%true : i1), ^next
^next:
  %m = arith.subi %n, %c1 : i64
  %r = call @odd(%m) : (i64) -> i1
  cf.br ^end(%r : i1)
^end(%e: i1):
  return %e : i1
}
func.func private @odd(%n: i64) -> i1 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %false = arith.constant false
  %isZero = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %isZero, ^end(%false : i1), ^next
^next:
  %m = arith.subi %n, %c1 : i64
  %r = call @even(%m) : (i64) -> i1
  cf.br ^end(%r : i1)
^end(%o: i1):
  return %o : i1
}

func.func @main() {
  %c20 = arith.constant 20 : i64
  %f = call @factorial(%c20) : (i64) -> i64
  %ft = tensor.from_elements %f : tensor<i64>
  // CHECK: 20! = 2432902008176640000
  sym.print "20! = " %ft : tensor<i64>
  %c10000 = arith.constant 10000 : i64
  call @down(%c10000) : (i64) -> ()
  %s = sym.get_value @s : tensor<i64>
  // CHECK: sum = 50005000
  sym.print "sum = " %s : tensor<i64>
  %c9999 = arith.constant 9999 : i64
  %e = call @even(%c9999) : (i64) -> i1
  %et = tensor.from_elements %e : tensor<i1>
  // CHECK: even = False
  sym.print "even = " %et : tensor<i1>
  return
}
