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
