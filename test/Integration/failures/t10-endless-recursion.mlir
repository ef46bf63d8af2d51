// T10: a host program that calls itself for ever ends with a status when the
// stack is used up, just in time and ahead of time; what was committed stays,
// and no call becomes a jump.
// RUN: split-file %s %t
// RUN: not sym-runner %t/self.mlir 2>&1 | FileCheck %s --check-prefix=SELF
// RUN: not sym-runner --compile=eager %t/self.mlir 2>&1 | FileCheck %s --check-prefix=SELF
// RUN: bash -c "ulimit -s 300; ! sym-runner %t/self.mlir 2>&1" | FileCheck %s --check-prefix=SELF
// RUN: bash -c "ulimit -s unlimited; ! sym-runner %t/self.mlir 2>&1" | FileCheck %s --check-prefix=SELF
// RUN: not sym-runner %t/mutual.mlir 2>&1 | FileCheck %s --check-prefix=MUTUAL
// RUN: sym-compile %t/self.mlir -o %t/self
// RUN: not %t/self 2>&1 | FileCheck %s --check-prefix=SELF
// RUN: sym-compile %t/mutual.mlir -o %t/mutual
// RUN: not %t/mutual 2>&1 | FileCheck %s --check-prefix=MUTUAL

// SELF: host program 'main' failed: SYM_NESTED_TOO_DEEPLY: the call of 'main' is nested too deeply for the stack of the thread (at {{.*}}self.mlir:3:3)
// MUTUAL: called 1
// MUTUAL: called 2
// MUTUAL: called 3
// MUTUAL: SYM_NESTED_TOO_DEEPLY: the call of '{{ping|pong}}' is nested too deeply

//--- self.mlir
sym.shared @s : tensor<i64> = dense<0>
func.func @main() {
  call @main() : () -> ()
  return
}

//--- mutual.mlir
sym.shared @s : tensor<i64> = dense<0>
sym.func @count() -> tensor<i64> {
  %c1 = arith.constant dense<1> : tensor<i64>
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %c1 : tensor<i64>
  sym.return %n : tensor<i64> updates(@s = %n : tensor<i64>)
}
func.func private @ping() -> tensor<i64> {
  %n = sym.call @count() : () -> tensor<i64>
  %limit = arith.constant 3 : i64
  %v = tensor.extract %n[] : tensor<i64>
  %few = arith.cmpi sle, %v, %limit : i64
  scf.if %few {
    sym.print "called " %n : tensor<i64>
  }
  %r = call @pong() : () -> tensor<i64>
  return %r : tensor<i64>
}
func.func private @pong() -> tensor<i64> {
  %r = call @ping() : () -> tensor<i64>
  return %r : tensor<i64>
}
func.func @main() {
  %r = call @ping() : () -> tensor<i64>
  return
}
