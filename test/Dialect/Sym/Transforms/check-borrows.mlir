// Programs that borrow soundly (B5), some with the remark that they copy.
// RUN: sym-opt --sym-check-borrows --split-input-file --verify-diagnostics %s
// RUN: sym-opt --sym-check-borrows --split-input-file %s 2>/dev/null | FileCheck %s

// Every program comes out as it went in.
// CHECK: func.func @scoped_before_update
// CHECK-NEXT: sym.borrow @s

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}

// A scoped borrow is used, then released, then its variable is updated.
func.func @scoped_before_update() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.call @step() : () -> ()
  return
}

// Releasing reads nothing, so that it may come after the update.
func.func @scoped_release_behind_update() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  sym.call @step() : () -> ()
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  return
}

// A scoped borrow costs nothing and need not be released.
func.func @scoped_without_release() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @sum() -> tensor<4xf32> {
  %s = sym.read @s : tensor<4xf32>
  %t = sym.read @t : tensor<4xf32>
  %n = arith.addf %s, %t : tensor<4xf32>
  sym.return %n : tensor<4xf32>
}
sym.func @step_t() {
  %t = sym.read @t : tensor<4xf32>
  %n = arith.addf %t, %t : tensor<4xf32>
  sym.return updates(@t = %n : tensor<4xf32>)
}

// A call that only reads the variable invalidates nothing.
func.func @scoped_over_read() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %r = sym.call @sum() : () -> tensor<4xf32>
  sym.print %v : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  return
}

// An update of another variable invalidates nothing.
func.func @scoped_over_other_update() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.call @step_t() : () -> ()
  %x = arith.constant dense<1.0> : tensor<4xf32>
  sym.set_value @t = %x : tensor<4xf32>
  sym.print %v : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.func @step() -> tensor<4xf32> {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return %s : tensor<4xf32> updates(@s = %n : tensor<4xf32>)
}

// For a pinned borrow an update is legal; the remark says what it costs.
func.func @pinned_over_update() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  // expected-remark@+2 {{the update of @s copies, since a pinned borrow of it is held}}
  // expected-note@+1 {{updated here}}
  %old = sym.call @step() : () -> tensor<4xf32>
  sym.print %v : tensor<4xf32>
  sym.print %old : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}

// Once it is released, an update is in place again: no remark.
func.func @pinned_before_update() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  sym.print %v : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  %old = sym.call @step() : () -> tensor<4xf32>
  return
}

// Storing a value copies anyway: no remark.
func.func @pinned_over_set() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  %x = arith.constant dense<1.0> : tensor<4xf32>
  sym.set_value @s = %x : tensor<4xf32>
  sym.print %v : tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}

// A pinned borrow that is not released is sound, with a remark.
func.func @pinned_leak() {
  // expected-remark@+2 {{pinned borrow of @s is not released and keeps its version until the program ends}}
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  sym.print %v : tensor<4xf32>
  // expected-note@+1 {{the program returns here}}
  return
}

// The results of a call derive from nothing that the caller borrows.
func.func @result_survives() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %old = sym.call @step() : () -> tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %old : tensor<4xf32>
  %now = sym.get_value @s : tensor<4xf32>
  %again = sym.call @step() : () -> tensor<4xf32>
  sym.print %now : tensor<4xf32>
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>

// An exclusive borrow commits what was computed from its own view.
func.func @exclusive_commit() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
  %n = arith.addf %v, %v : tensor<4xf32>
  sym.release %b = %n : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// Without a value it rolls back, and invalidates no scoped borrow.
func.func @exclusive_rollback() {
  %r = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %r : !sym.borrow<tensor<4xf32>, scoped>
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  sym.print %v : tensor<4xf32>
  return
}

// While it is held, readers see the value from before.
func.func @exclusive_with_readers() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  %r = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %r : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  %now = sym.get_value @s : tensor<4xf32>
  sym.release %b = %now : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// Two variables may be borrowed exclusively at once.
func.func @exclusive_of_two() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  %c = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
  %w = sym.view %c : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  sym.release %c = %w : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// One after the other, of one variable.
func.func @exclusive_twice() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  %c = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %c : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}

// Borrowed, used and released in each iteration, with an update behind it.
func.func @loop_iteration(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    sym.print %v : tensor<4xf32>
    sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
    sym.call @step() : () -> ()
  }
  return
}

// An exclusive borrow per iteration.
func.func @loop_exclusive(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
    sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  }
  return
}

// A borrow travels through a loop: each iteration releases the one it got and
// hands on a new one.
func.func @loop_carries_borrow(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  %last = scf.for %i = %c0 to %n step %c1
      iter_args(%b = %first) -> (!sym.borrow<tensor<4xf32>, exclusive>) {
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
    sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
    %next = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
    scf.yield %next : !sym.borrow<tensor<4xf32>, exclusive>
  }
  sym.release %last : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// An invalidated view that a loop carries on without using it is not a use.
func.func @loop_carries_view(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %v, %q = %x)
      -> (tensor<4xf32>, tensor<4xf32>) {
    sym.call @step() : () -> ()
    sym.print %q : tensor<4xf32>
    scf.yield %p, %q : tensor<4xf32>, tensor<4xf32>
  }
  sym.print %r#1 : tensor<4xf32>
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}

// Released on both branches.
func.func @branches_release(%c: i1) {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  scf.if %c {
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
    sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  } else {
    sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  }
  return
}

// Borrowed on both branches, of different variables, and released behind them.
func.func @branches_borrow(%c: i1) {
  %b = scf.if %c -> (!sym.borrow<tensor<4xf32>, exclusive>) {
    %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
    scf.yield %x : !sym.borrow<tensor<4xf32>, exclusive>
  } else {
    %y = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
    scf.yield %y : !sym.borrow<tensor<4xf32>, exclusive>
  }
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// An update on one branch, the use on the other.
func.func @branches_apart(%c: i1) {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.if %c {
    sym.call @step() : () -> ()
  } else {
    sym.print %v : tensor<4xf32>
  }
  return
}

// The same with a switch.
func.func @cases_apart(%i: index) {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.index_switch %i
  case 0 {
    sym.call @step() : () -> ()
    scf.yield
  }
  case 1 {
    sym.print %v : tensor<4xf32>
    scf.yield
  }
  default {
  }
  return
}

// Blocks and branches: borrowed in two places, released in one.
func.func @blocks(%c: i1) {
  cf.cond_br %c, ^then, ^else
^then:
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  cf.br ^join(%x : !sym.borrow<tensor<4xf32>, exclusive>)
^else:
  %y = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
  cf.br ^join(%y : !sym.borrow<tensor<4xf32>, exclusive>)
^join(%b: !sym.borrow<tensor<4xf32>, exclusive>):
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// A loop of blocks.
func.func @block_loop(%c: i1) {
  cf.br ^body
^body:
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  sym.call @step() : () -> ()
  cf.cond_br %c, ^body, ^end
^end:
  return
}

// What is computed once from a view and ends as a number carries no borrow.
func.func @numbers() -> f32 {
  %c0 = arith.constant 0 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %e = tensor.extract %v[%c0] : tensor<4xf32>
  sym.call @step() : () -> ()
  return %e : f32
}

// A while loop whose condition looks at a fresh view each time.
func.func @while() {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  scf.while : () -> () {
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    %e = tensor.extract %v[%c0] : tensor<4xf32>
    %go = arith.cmpf olt, %e, %zero : f32
    scf.condition(%go)
  } do {
    sym.call @step() : () -> ()
    scf.yield
  }
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}

// A function that returns a borrow, and one that releases it.
func.func private @take() -> !sym.borrow<tensor<4xf32>, exclusive> {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  return %b : !sym.borrow<tensor<4xf32>, exclusive>
}
func.func private @give(%b: !sym.borrow<tensor<4xf32>, exclusive>) {
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %b = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}
func.func @through_calls() {
  %b = call @take() : () -> !sym.borrow<tensor<4xf32>, exclusive>
  call @give(%b) : (!sym.borrow<tensor<4xf32>, exclusive>) -> ()
  %c = call @take() : () -> !sym.borrow<tensor<4xf32>, exclusive>
  call @give(%c) : (!sym.borrow<tensor<4xf32>, exclusive>) -> ()
  return
}

// The callee uses its argument before it updates.
func.func private @print_then_step(%v: tensor<4xf32>) {
  sym.print %v : tensor<4xf32>
  sym.call @step() : () -> ()
  return
}
func.func @used_first() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  call @print_then_step(%v) : (tensor<4xf32>) -> ()
  return
}

// The callee ends the exclusive borrow before it updates.
func.func private @give_then_step(%b: !sym.borrow<tensor<4xf32>, exclusive>) {
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  sym.call @step() : () -> ()
  return
}
func.func @released_first() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  call @give_then_step(%b) : (!sym.borrow<tensor<4xf32>, exclusive>) -> ()
  return
}

// Recursion: the summary is a fixed point.
func.func private @countdown(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %more = arith.cmpi sgt, %n, %c0 : index
  scf.if %more {
    sym.call @step() : () -> ()
    %m = arith.subi %n, %c1 : index
    func.call @countdown(%m) : (index) -> ()
  }
  return
}
func.func @recursion(%n: index) {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %v : tensor<4xf32>
  call @countdown(%n) : (index) -> ()
  return
}

// A declaration is foreign code, which reaches no variable.
func.func private @foreign(tensor<4xf32>) -> tensor<4xf32>
func.func @through_foreign() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %r = call @foreign(%v) : (tensor<4xf32>) -> tensor<4xf32>
  sym.print %r : tensor<4xf32>
  sym.call @step() : () -> ()
  return
}

// -----

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @use(%x: tensor<4xf32>) -> tensor<4xf32> {
  %t = sym.read @t : tensor<4xf32>
  %n = arith.addf %t, %x : tensor<4xf32>
  sym.return %n : tensor<4xf32> updates(@t = %n : tensor<4xf32>)
}

// A scoped borrow is an argument of a call that updates another variable.
func.func @argument() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %r = sym.call @use(%v) : (tensor<4xf32>) -> tensor<4xf32>
  sym.print %r : tensor<4xf32>
  return
}

// A pinned borrow is an argument of a call that updates its own variable.
func.func @pinned_argument() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @t : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  // expected-remark@+2 {{the update of @t copies, since a pinned borrow of it is held}}
  // expected-note@+1 {{updated here}}
  %r = sym.call @use(%v) : (tensor<4xf32>) -> tensor<4xf32>
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  sym.print %r : tensor<4xf32>
  return
}

// -----

sym.shared @s : tensor<i64> = dense<0>

// After functionalizing the table says what a call updates.
sym.entry @get : () -> tensor<i64> reads [@s] updates [] body @get.body
func.func private @get.body(%s: tensor<i64>) -> tensor<i64> {
  return %s : tensor<i64>
}
func.func @entry() {
  %b = sym.borrow @s : !sym.borrow<tensor<i64>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<i64>, scoped>
  %r = sym.call @get() : () -> tensor<i64>
  sym.print %v : tensor<i64>
  return
}
