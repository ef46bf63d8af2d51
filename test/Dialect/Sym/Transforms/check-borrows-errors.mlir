// Programs that borrow unsoundly (B5): each error names where the borrow began,
// where it ended and where it is used.
// RUN: sym-opt --sym-check-borrows --split-input-file --verify-diagnostics %s

// A use after an update by a call.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A use after sym.set_value.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%x: tensor<4xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{invalidated here}}
  sym.set_value @s = %x : tensor<4xf32>
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A use after the commit of an exclusive borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: tensor<4xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{invalidated here}}
  sym.release %x = %n : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// The view, not only what it shows, is a use.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  return
}

// -----

// What is computed from the view carries the borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %w = arith.addf %v, %v : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %u = linalg.exp ins(%w : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %u : tensor<4xf32>
  return
}

// -----

// A slice of the view carries the borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %w = tensor.extract_slice %v[1] [2] [1] : tensor<4xf32> to tensor<2xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<2xf32>
  return
}

// -----

// A select of a view carries the borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1, %x: tensor<4xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %w = arith.select %c, %v, %x : tensor<4xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<4xf32>
  return
}

// -----

// A view from one branch carries the borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1, %x: tensor<4xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %w = scf.if %c -> (tensor<4xf32>) {
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    scf.yield %v : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<4xf32>
  return
}

// -----

// An update on one branch counts behind both.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.if %c {
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
  }
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// An update in the loop counts for the use before it, one iteration later.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.for %i = %c0 to %n step %c1 {
    // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
    sym.print %v : tensor<4xf32>
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
  }
  return
}

// -----

// A loop carries a view over an update.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index, %x: tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> (tensor<4xf32>) {
    // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
    sym.print %p : tensor<4xf32>
    // expected-note@+1 {{borrowed here}}
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
    scf.yield %v : tensor<4xf32>
  }
  return
}

// -----

// A loop carries the view of the borrow before the last; that a new one has
// begun does not revive it.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index, %x: tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> (tensor<4xf32>) {
    // expected-note@+1 {{borrowed here}}
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    // expected-error@+2 {{uses a scoped borrow of @s that may have been released}}
  // expected-note@+1 {{used here}}
    sym.print %p : tensor<4xf32>
    // expected-note@+1 {{released here}}
    sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
    scf.yield %v : tensor<4xf32>
  }
  return
}

// -----

// A switch: the update in one case counts behind it.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%i: index) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.index_switch %i
  case 0 {
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
    scf.yield
  }
  default {
  }
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A while loop: the update in its body comes before its next condition.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.while : () -> () {
    // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
    sym.print %v : tensor<4xf32>
    scf.condition(%c)
  } do {
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
    scf.yield
  }
  return
}

// -----

// Branches: a path through an update reaches the use.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  cf.cond_br %c, ^update, ^use(%v : tensor<4xf32>)
^update:
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  cf.br ^use(%v : tensor<4xf32>)
^use(%w: tensor<4xf32>):
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<4xf32>
  return
}

// -----

// A use after the release.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
  // expected-note@+1 {{released here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  // expected-error@+2 {{uses a pinned borrow of @s after its release}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// The view of an exclusive borrow ends with it: two values cannot be
// exchanged this way.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  %c = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, exclusive>
  %w = sym.view %c : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{released here}}
  sym.release %b = %w : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  // expected-error@+2 {{uses an exclusive borrow of @s after its release}}
  // expected-note@+1 {{used here}}
  sym.release %c = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// -----

// Released on one path only, then used.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.if %c {
    // expected-note@+1 {{released here}}
    sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  }
  // expected-error@+2 {{uses a scoped borrow of @s that may have been released}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// Released twice.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  // expected-note@+1 {{released here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  // expected-error@+2 {{releases a pinned borrow of @s twice}}
  // expected-note@+1 {{released again here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}

// -----

// Released in a loop: twice, from the second iteration on.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  scf.for %i = %c0 to %n step %c1 {
    // expected-error@+3 {{releases a scoped borrow of @s that may have been released}}
  // expected-note@+2 {{released here}}
  // expected-note@+1 {{released again here}}
    sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  }
  return
}

// -----

// Released on one path, then on every path.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  scf.if %c {
    // expected-note@+1 {{released here}}
    sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  }
  // expected-error@+2 {{releases an exclusive borrow of @s that may have been released}}
  // expected-note@+1 {{released again here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

// An exclusive borrow that is never released.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-error@+2 {{exclusive borrow of @s is not released}}
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// An exclusive borrow that one path does not release.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-error@+2 {{exclusive borrow of @s may not be released}}
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  cf.cond_br %c, ^release, ^end
^release:
  // expected-note@+1 {{released on some paths}}
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  cf.br ^end
^end:
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// Of two exclusive borrows a select chooses one; the release of the choice
// leaves the other.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1) {
  // expected-error@+2 {{exclusive borrow of @s may not be released}}
  // expected-note@+1 {{borrowed here}}
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+2 {{exclusive borrow of @t may not be released}}
  // expected-note@+1 {{borrowed here}}
  %y = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
  %z = arith.select %c, %x, %y : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{released on some paths}}
  sym.release %z : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// Two exclusive borrows of one variable at once.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+2 {{borrows @s exclusively while it is borrowed exclusively}}
  // expected-note@+1 {{borrowed again here}}
  %y = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %x : !sym.borrow<tensor<4xf32>, exclusive>
  sym.release %y : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

// A second exclusive borrow, of the next iteration.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    // expected-error@+4 {{borrows @s exclusively while it is borrowed exclusively}}
    // expected-note@+3 {{borrowed here}}
    // expected-note@+2 {{borrowed again here}}
    // expected-error@+1 {{exclusive borrow of @s is not released}}
    %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  }
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// A call that updates a variable that is borrowed exclusively.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+2 {{updates @s while it is borrowed exclusively}}
  // expected-note@+1 {{updated here}}
  sym.call @step() : () -> ()
  sym.release %x : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

// sym.set_value of a variable that may be borrowed exclusively.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%c: i1, %v: tensor<4xf32>) {
  %x = scf.if %c -> (!sym.borrow<tensor<4xf32>, exclusive>) {
    // expected-note@+1 {{borrowed here}}
    %a = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
    scf.yield %a : !sym.borrow<tensor<4xf32>, exclusive>
  } else {
    %b = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
    scf.yield %b : !sym.borrow<tensor<4xf32>, exclusive>
  }
  // expected-error@+2 {{updates @s or @t while it is borrowed exclusively}}
  // expected-note@+1 {{updated here}}
  sym.set_value @t = %v : tensor<4xf32>
  sym.release %x : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

// A call that updates a variable takes a scoped borrow of it: nothing proves
// that it reads all before it writes.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
sym.func @add(%x: tensor<4xf32>) {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %x : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+3 {{takes a scoped borrow of @s, which it updates}}
  // expected-note@+2 {{invalidated here}}
  // expected-note@+1 {{used here}}
  sym.call @add(%v) : (tensor<4xf32>) -> ()
  return
}

// -----

// The same with sym.set_value.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+3 {{takes a scoped borrow of @s, which it updates}}
  // expected-note@+2 {{invalidated here}}
  // expected-note@+1 {{used here}}
  sym.set_value @s = %v : tensor<4xf32>
  return
}

// -----

// The same with a commit.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+3 {{takes a scoped borrow of @s, which it updates}}
  // expected-note@+2 {{invalidated here}}
  // expected-note@+1 {{used here}}
  sym.release %x = %v : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}

// -----

// An update inside a callee.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @inner() {
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  return
}
func.func private @outer() {
  call @inner() : () -> ()
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  call @outer() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A callee updates, then uses its argument.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @step_then_print(%v: tensor<4xf32>) {
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+1 {{uses a scoped borrow of @s after an update of its variable}}
  call @step_then_print(%v) : (tensor<4xf32>) -> ()
  return
}

// -----

// The same, two calls deep.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @inner(%v: tensor<4xf32>) {
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}
func.func private @outer(%v: tensor<4xf32>) {
  call @inner(%v) : (tensor<4xf32>) -> ()
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+1 {{uses a scoped borrow of @s after an update of its variable}}
  call @outer(%v) : (tensor<4xf32>) -> ()
  return
}

// -----

// A callee commits its exclusive argument while the caller has a scoped borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @commit(%b: !sym.borrow<tensor<4xf32>, exclusive>, %n: tensor<4xf32>) {
  // expected-note@+1 {{invalidated here}}
  sym.release %b = %n : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  return
}
func.func @f(%n: tensor<4xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  call @commit(%x, %n) : (!sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>) -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A callee releases its argument, and so does the caller.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @give(%b: !sym.borrow<tensor<4xf32>, pinned>) {
  // expected-note@+1 {{released here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  call @give(%b) : (!sym.borrow<tensor<4xf32>, pinned>) -> ()
  // expected-error@+2 {{releases a pinned borrow of @s twice}}
  // expected-note@+1 {{released again here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}

// -----

// A callee releases its argument on one path.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @maybe(%b: !sym.borrow<tensor<4xf32>, exclusive>, %c: i1) {
  scf.if %c {
    // expected-note@+1 {{released on some paths}}
    sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  }
  return
}
func.func @f(%c: i1) {
  // expected-error@+2 {{exclusive borrow of @s may not be released}}
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  call @maybe(%b, %c) : (!sym.borrow<tensor<4xf32>, exclusive>, i1) -> ()
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// A callee updates what the caller has borrowed exclusively.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @inner() {
  // expected-note@+1 {{updated here}}
  sym.call @step() : () -> ()
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+1 {{updates @s while it is borrowed exclusively}}
  call @inner() : () -> ()
  sym.release %x : !sym.borrow<tensor<4xf32>, exclusive>
  return
}

// -----

// A callee updates before it releases its exclusive argument.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @late(%b: !sym.borrow<tensor<4xf32>, exclusive>) {
  // expected-note@+1 {{updated here}}
  sym.call @step() : () -> ()
  sym.release %b : !sym.borrow<tensor<4xf32>, exclusive>
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %x = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+1 {{updates @s while it is borrowed exclusively}}
  call @late(%x) : (!sym.borrow<tensor<4xf32>, exclusive>) -> ()
  return
}

// -----

// A callee returns an exclusive borrow that the caller drops.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @take() -> !sym.borrow<tensor<4xf32>, exclusive> {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  return %b : !sym.borrow<tensor<4xf32>, exclusive>
}
func.func @f() {
  // expected-error@+1 {{exclusive borrow of @s is not released}}
  %b = call @take() : () -> !sym.borrow<tensor<4xf32>, exclusive>
  // expected-note@+1 {{the program returns here}}
  return
}

// -----

// A callee returns the view of a scoped borrow; an update ends it.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @look() -> tensor<4xf32> {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  return %v : tensor<4xf32>
}
func.func @f() {
  %v = call @look() : () -> tensor<4xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// A callee returns the view of a borrow that it has released.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @look() -> tensor<4xf32> {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{released here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+2 {{uses a scoped borrow of @s after its release}}
  // expected-note@+1 {{used here}}
  return %v : tensor<4xf32>
}

// -----

// A callee that recurs updates in one of its calls.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @recur(%c: i1, %v: tensor<4xf32>) {
  sym.print %v : tensor<4xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  scf.if %c {
    // expected-note@+1 {{used here}}
    func.call @recur(%c, %v) : (i1, tensor<4xf32>) -> ()
  }
  return
}
func.func @f(%c: i1) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+1 {{uses a scoped borrow of @s after an update of its variable}}
  call @recur(%c, %v) : (i1, tensor<4xf32>) -> ()
  return
}

// -----

// One borrow is given twice to a function that releases one of them.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @give(%b: !sym.borrow<tensor<4xf32>, pinned>, %c: !sym.borrow<tensor<4xf32>, pinned>) {
  // expected-note@+1 {{released here}}
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  %v = sym.view %c : !sym.borrow<tensor<4xf32>, pinned>
  sym.print %v : tensor<4xf32>
  return
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  // expected-error@+2 {{passes a pinned borrow of @s twice to a function that releases it}}
  // expected-note@+1 {{used here}}
  call @give(%b, %b) : (!sym.borrow<tensor<4xf32>, pinned>, !sym.borrow<tensor<4xf32>, pinned>) -> ()
  return
}

// -----

// One borrow is returned twice.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @take() -> (!sym.borrow<tensor<4xf32>, exclusive>, !sym.borrow<tensor<4xf32>, exclusive>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, exclusive>
  // expected-error@+2 {{returns an exclusive borrow of @s twice}}
  // expected-note@+1 {{used here}}
  return %b, %b : !sym.borrow<tensor<4xf32>, exclusive>, !sym.borrow<tensor<4xf32>, exclusive>
}

// -----

// A declaration may do anything with a borrow.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @foreign(!sym.borrow<tensor<4xf32>, scoped>)
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+2 {{passes a scoped borrow of @s to what cannot be checked}}
  // expected-note@+1 {{used here}}
  call @foreign(%b) : (!sym.borrow<tensor<4xf32>, scoped>) -> ()
  return
}

// -----

// A call through a value may update any variable.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @inner() {
  sym.call @step() : () -> ()
  return
}
func.func @f() {
  %g = func.constant @inner : () -> ()
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{invalidated here}}
  call_indirect %g() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// After functionalizing the table says what a call updates.
sym.shared @i : tensor<i64> = dense<0>
sym.entry @add : () -> () reads [@i] updates [@i] body @add.body
func.func private @add.body(%s: tensor<i64>) -> tensor<i64> {
  return %s : tensor<i64>
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @i : !sym.borrow<tensor<i64>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<i64>, scoped>
  // expected-note@+1 {{invalidated here}}
  sym.call @add() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @i after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<i64>
  return
}

// -----

// A program that accesses state is not called in a parallel loop (call_c3).
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func private @inner() {
  // expected-note@+1 {{accessed here}}
  sym.call @step() : () -> ()
  return
}
func.func private @outer() {
  call @inner() : () -> ()
  return
}
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error@+2 {{calls @outer, which accesses state, where it is not one of a sequence of calls}}
  // expected-note@+1 {{called here}}
    func.call @outer() : () -> ()
    scf.reduce
  }
  return
}
