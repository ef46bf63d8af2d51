// A check that another one covers is erased.
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-merge-checks))' %s | FileCheck %s


// CHECK-LABEL: func.func @covered
// CHECK: sym.check %{{.*}}, "first"
// CHECK-NOT: sym.check
// CHECK: scf.if
// CHECK-NOT: sym.check
func.func @covered(%c: i1, %d: i1) {
  sym.check %c, "first"
  sym.check %c, "second"
  scf.if %d {
    sym.check %c, "third"
  }
  return
}

// Branches do not cover each other, nor what follows.
// CHECK-LABEL: func.func @branches
// CHECK: "then"
// CHECK: "else"
// CHECK: "behind"
// CHECK: "other"
func.func @branches(%c: i1, %d: i1) {
  scf.if %d {
    sym.check %c, "then"
  } else {
    sym.check %c, "else"
  }
  sym.check %c, "behind"
  sym.check %d, "other"
  return
}

// The ranges of integers decide.
// CHECK-LABEL: func.func @ranges
// CHECK-NOT: "positive"
// CHECK: "below"
func.func @ranges(%x: i32, %n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %d = arith.maxsi %x, %c1 : i32
  %positive = arith.cmpi ne, %d, %c0 : i32
  sym.check %positive, "positive"
  %below = arith.cmpi slt, %d, %n : i32
  sym.check %below, "below"
  return
}
