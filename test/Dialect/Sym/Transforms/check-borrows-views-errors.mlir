// Programs that borrow unsoundly (B5): what shares memory with a view, and what
// is a use of it. The three places as in check-borrows-errors.mlir.
// RUN: sym-opt --sym-check-borrows --split-input-file --verify-diagnostics %s

// Another shape of the view is the same memory.
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
  %w = tensor.expand_shape %v [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<2x2xf32>
  return
}

// -----

// And the other way round.
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
  %w = tensor.expand_shape %v [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %x = tensor.collapse_shape %w [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %x : tensor<4xf32>
  return
}

// -----

// A cast of the view.
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
  %w = tensor.cast %v : tensor<4xf32> to tensor<?xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<?xf32>
  return
}

// -----

// What a view was inserted into derives from it.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%x: tensor<8xf32>) {
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %w = tensor.insert_slice %v into %x[2] [4] [1] : tensor<4xf32> into tensor<8xf32>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %w : tensor<8xf32>
  return
}

// -----

// Reading one element is a use.
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
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  %x = tensor.extract %v[%i] : tensor<4xf32>
  return
}

// -----

// So is asking for a size: it may be another one now.
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
  %w = tensor.cast %v : tensor<4xf32> to tensor<?xf32>
  %c0 = arith.constant 0 : index
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  %d = tensor.dim %w, %c0 : tensor<?xf32>
  return
}

// -----

// So is storing the view in another variable.
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
  sym.set_value @t = %v : tensor<4xf32>
  return
}

// -----

// An update within two loops and a branch.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f(%n: index, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      scf.if %c {
        // expected-note@+1 {{invalidated here}}
        sym.call @step() : () -> ()
      }
    }
  }
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// An update within scf.execute_region.
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
  scf.execute_region {
    // expected-note@+1 {{invalidated here}}
    sym.call @step() : () -> ()
    scf.yield
  }
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}

// -----

// Handing the view to a loop is no use; looking at it there is.
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
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %v) -> (tensor<4xf32>) {
    // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
    // expected-note@+1 {{used here}}
    sym.print %p : tensor<4xf32>
    scf.yield %p : tensor<4xf32>
  }
  return
}

// -----

// One update ends every scoped borrow of its variable.
sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
func.func @f() {
  // expected-note@+1 {{borrowed here}}
  %a = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{borrowed here}}
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  // expected-note@+1 {{invalidated here}}
  sym.call @step() : () -> ()
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  %v = sym.view %a : !sym.borrow<tensor<4xf32>, scoped>
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  %w = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  return
}

// -----

// Borrowing again does not revive the view from before.
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
  %c = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %w = sym.view %c : !sym.borrow<tensor<4xf32>, scoped>
  sym.print %w : tensor<4xf32>
  // expected-error@+2 {{uses a scoped borrow of @s after an update of its variable}}
  // expected-note@+1 {{used here}}
  sym.print %v : tensor<4xf32>
  return
}
