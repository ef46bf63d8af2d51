// Softmax regression with momentum on 8×8 images of handwritten digits. The data
// are shared variables: the functions take the number of a mini-batch and cut it
// out of them.
//
//   sym-runner examples/digits.mlir --load-state=examples/data/digits.npz

// The data, from digits.npz: pixels from 0 to 16, labels from 0 to 9.
sym.shared @train_x : tensor<?x64xi8>
sym.shared @train_y : tensor<?xi64>
sym.shared @test_x : tensor<?x64xi8>
sym.shared @test_y : tensor<?xi64>

// The model, and the velocities of its parameters.
sym.shared @W : tensor<64x10xf32> = dense<0.0>
sym.shared @b : tensor<10xf32> = dense<0.0>
sym.shared @vW : tensor<64x10xf32> = dense<0.0>
sym.shared @vb : tensor<10xf32> = dense<0.0>

#id2 = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#scalar1 = affine_map<(i) -> ()>
#id1 = affine_map<(i) -> (i)>

// The pixels as numbers from 0 to 1.
sym.expr @images() -> tensor<?x64xf32> {
  %x = sym.read @train_x : tensor<?x64xi8>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xi8>
  %init = tensor.empty(%n) : tensor<?x64xf32>
  %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x64xi8>) outs(%init : tensor<?x64xf32>) {
  ^bb0(%p: i8, %out: f32):
    %f = arith.sitofp %p : i8 to f32
    %sixteenth = arith.constant 0.0625 : f32
    %s = arith.mulf %f, %sixteenth : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  sym.yield %r : tensor<?x64xf32>
}

// The scores x W + b.
sym.expr @scores() -> tensor<?x10xf32> {
  %x = sym.eval @images() : () -> tensor<?x64xf32>
  %w = sym.read @W : tensor<64x10xf32>
  %b = sym.read @b : tensor<10xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %init = tensor.empty(%n) : tensor<?x10xf32>
  %bias = linalg.broadcast ins(%b : tensor<10xf32>) outs(%init : tensor<?x10xf32>) dimensions = [0]
  %z = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x10xf32>)
                     outs(%bias : tensor<?x10xf32>) -> tensor<?x10xf32>
  sym.yield %z : tensor<?x10xf32>
}

// z - max(z) - log(sum(exp(z - max(z)))) by row, which does not overflow.
sym.expr @log_softmax(%z: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %z, %c0 : tensor<?x10xf32>
  %rows = tensor.empty(%n) : tensor<?xf32>
  %full = tensor.empty(%n) : tensor<?x10xf32>
  %minus_inf = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %max0 = linalg.fill ins(%minus_inf : f32) outs(%rows : tensor<?xf32>) -> tensor<?xf32>
  %max = linalg.reduce { arith.maximumf } ins(%z : tensor<?x10xf32>)
      outs(%max0 : tensor<?xf32>) dimensions = [1]
  %shifted = linalg.generic {indexing_maps = [#id2, #row, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%z, %max : tensor<?x10xf32>, tensor<?xf32>) outs(%full : tensor<?x10xf32>) {
  ^bb0(%a: f32, %m: f32, %out: f32):
    %d = arith.subf %a, %m : f32
    linalg.yield %d : f32
  } -> tensor<?x10xf32>
  %e = math.exp %shifted : tensor<?x10xf32>
  %sum0 = linalg.fill ins(%zero : f32) outs(%rows : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<?x10xf32>)
      outs(%sum0 : tensor<?xf32>) dimensions = [1]
  %log = math.log %sum : tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#id2, #row, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%shifted, %log : tensor<?x10xf32>, tensor<?xf32>) outs(%full : tensor<?x10xf32>) {
  ^bb0(%a: f32, %l: f32, %out: f32):
    %d = arith.subf %a, %l : f32
    linalg.yield %d : f32
  } -> tensor<?x10xf32>
  sym.yield %r : tensor<?x10xf32>
}

// One where the column is the label of the row, else zero.
sym.expr @one_hot() -> tensor<?x10xf32> {
  %y = sym.read @train_y : tensor<?xi64>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %y, %c0 : tensor<?xi64>
  %init = tensor.empty(%n) : tensor<?x10xf32>
  %r = linalg.generic {indexing_maps = [#row, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<?xi64>) outs(%init : tensor<?x10xf32>) {
  ^bb0(%label: i64, %out: f32):
    %j = linalg.index 1 : index
    %class = arith.index_cast %j : index to i64
    %same = arith.cmpi eq, %label, %class : i64
    %f = arith.uitofp %same : i1 to f32
    linalg.yield %f : f32
  } -> tensor<?x10xf32>
  sym.yield %r : tensor<?x10xf32>
}

// The number of examples.
sym.expr @count() -> tensor<f32> {
  %y = sym.read @train_y : tensor<?xi64>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %y, %c0 : tensor<?xi64>
  %i = arith.index_cast %n : index to i64
  %f = arith.sitofp %i : i64 to f32
  %r = tensor.from_elements %f : tensor<f32>
  sym.yield %r : tensor<f32>
}

// The mean of the negative log-likelihood, and its derivative by the scores.
sym.expr @cost() -> (tensor<f32>, tensor<?x10xf32>) {
  %z = sym.eval @scores() : () -> tensor<?x10xf32>
  %logp = sym.eval @log_softmax(%z) : (tensor<?x10xf32>) -> tensor<?x10xf32>
  %y = sym.eval @one_hot() : () -> tensor<?x10xf32>
  %n = sym.eval @count() : () -> tensor<f32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %picked = arith.mulf %logp, %y : tensor<?x10xf32>
  %sum = linalg.reduce { arith.addf } ins(%picked : tensor<?x10xf32>)
      outs(%zero : tensor<f32>) dimensions = [0, 1]
  %negative = arith.negf %sum : tensor<f32>
  %cost = arith.divf %negative, %n : tensor<f32>

  %p = math.exp %logp : tensor<?x10xf32>
  %difference = arith.subf %p, %y : tensor<?x10xf32>
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %z, %c0 : tensor<?x10xf32>
  %init = tensor.empty(%rows) : tensor<?x10xf32>
  %dz = linalg.generic {indexing_maps = [#id2, affine_map<(i, j) -> ()>, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%difference, %n : tensor<?x10xf32>, tensor<f32>) outs(%init : tensor<?x10xf32>) {
  ^bb0(%d: f32, %m: f32, %out: f32):
    %q = arith.divf %d, %m : f32
    linalg.yield %q : f32
  } -> tensor<?x10xf32>
  sym.yield %cost, %dz : tensor<f32>, tensor<?x10xf32>
}

// How many mini-batches of 50 the training set has; the last may be smaller.
sym.func @batches() -> tensor<i64> {
  %y = sym.read @train_y : tensor<?xi64>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %y, %c0 : tensor<?xi64>
  %c50 = arith.constant 50 : index
  %count = arith.ceildivui %n, %c50 : index
  %i = arith.index_cast %count : index to i64
  %r = tensor.from_elements %i : tensor<i64>
  sym.return %r : tensor<i64>
}

// One step of gradient descent on mini-batch `number`: the cost's graph with a
// part of the data given for the whole. Returns the cost before the step.
sym.func @train(%number: tensor<i64>, %rate: tensor<f32>) -> tensor<f32> {
  %x = sym.read @train_x : tensor<?x64xi8>
  %y = sym.read @train_y : tensor<?xi64>
  %w = sym.read @W : tensor<64x10xf32>
  %b = sym.read @b : tensor<10xf32>
  %vw = sym.read @vW : tensor<64x10xf32>
  %vb = sym.read @vb : tensor<10xf32>

  %c0 = arith.constant 0 : index
  %c50 = arith.constant 50 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xi8>
  %k = tensor.extract %number[] : tensor<i64>
  %i = arith.index_cast %k : i64 to index
  %first = arith.muli %i, %c50 : index
  %left = arith.subi %n, %first : index
  %size = arith.minsi %left, %c50 : index
  %batch_x = tensor.extract_slice %x[%first, 0] [%size, 64] [1, 1]
      : tensor<?x64xi8> to tensor<?x64xi8>
  %batch_y = tensor.extract_slice %y[%first] [%size] [1] : tensor<?xi64> to tensor<?xi64>

  %cost, %dz = sym.eval @cost()
      givens(@train_x = %batch_x : tensor<?x64xi8>, @train_y = %batch_y : tensor<?xi64>)
      : () -> (tensor<f32>, tensor<?x10xf32>)
  %images = sym.eval @images() givens(@train_x = %batch_x : tensor<?x64xi8>)
      : () -> tensor<?x64xf32>

  // The gradients: images' dz, and dz summed over the batch.
  %zero_w = arith.constant dense<0.0> : tensor<64x10xf32>
  %zero_b = arith.constant dense<0.0> : tensor<10xf32>
  %gw = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%images, %dz : tensor<?x64xf32>, tensor<?x10xf32>)
      outs(%zero_w : tensor<64x10xf32>) -> tensor<64x10xf32>
  %gb = linalg.reduce { arith.addf } ins(%dz : tensor<?x10xf32>)
      outs(%zero_b : tensor<10xf32>) dimensions = [0]

  // v = 0.9 v - rate g, and the parameter moves by v.
  %empty_w = tensor.empty() : tensor<64x10xf32>
  %new_vw = linalg.generic {indexing_maps = [#id2, #id2, affine_map<(i, j) -> ()>, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%vw, %gw, %rate : tensor<64x10xf32>, tensor<64x10xf32>, tensor<f32>)
      outs(%empty_w : tensor<64x10xf32>) {
  ^bb0(%v: f32, %g: f32, %r: f32, %out: f32):
    %momentum = arith.constant 0.9 : f32
    %kept = arith.mulf %v, %momentum : f32
    %step = arith.mulf %g, %r : f32
    %next = arith.subf %kept, %step : f32
    linalg.yield %next : f32
  } -> tensor<64x10xf32>
  %empty_b = tensor.empty() : tensor<10xf32>
  %new_vb = linalg.generic {indexing_maps = [#id1, #id1, #scalar1, #id1],
      iterator_types = ["parallel"]}
      ins(%vb, %gb, %rate : tensor<10xf32>, tensor<10xf32>, tensor<f32>)
      outs(%empty_b : tensor<10xf32>) {
  ^bb0(%v: f32, %g: f32, %r: f32, %out: f32):
    %momentum = arith.constant 0.9 : f32
    %kept = arith.mulf %v, %momentum : f32
    %step = arith.mulf %g, %r : f32
    %next = arith.subf %kept, %step : f32
    linalg.yield %next : f32
  } -> tensor<10xf32>
  %new_w = arith.addf %w, %new_vw : tensor<64x10xf32>
  %new_b = arith.addf %b, %new_vb : tensor<10xf32>
  sym.return %cost : tensor<f32> updates(
      @W = %new_w : tensor<64x10xf32>, @b = %new_b : tensor<10xf32>,
      @vW = %new_vw : tensor<64x10xf32>, @vb = %new_vb : tensor<10xf32>)
}

// The cost over the whole training set.
sym.func @loss() -> tensor<f32> {
  %cost, %dz = sym.eval @cost() : () -> (tensor<f32>, tensor<?x10xf32>)
  sym.return %cost : tensor<f32>
}

// The class with the largest score, for each image of the test set.
sym.func @classify() -> tensor<?xi64> {
  %x = sym.read @test_x : tensor<?x64xi8>
  %z = sym.eval @scores() givens(@train_x = %x : tensor<?x64xi8>) : () -> tensor<?x10xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %z, %c0 : tensor<?x10xf32>
  %minus_inf = arith.constant 0xFF800000 : f32
  %c0_i64 = arith.constant 0 : i64
  %values = tensor.empty(%n) : tensor<?xf32>
  %classes = tensor.empty(%n) : tensor<?xi64>
  %best0 = linalg.fill ins(%minus_inf : f32) outs(%values : tensor<?xf32>) -> tensor<?xf32>
  %class0 = linalg.fill ins(%c0_i64 : i64) outs(%classes : tensor<?xi64>) -> tensor<?xi64>
  %best, %class = linalg.generic {indexing_maps = [#id2, #row, #row],
      iterator_types = ["parallel", "reduction"]}
      ins(%z : tensor<?x10xf32>) outs(%best0, %class0 : tensor<?xf32>, tensor<?xi64>) {
  ^bb0(%score: f32, %most: f32, %at: i64):
    %j = linalg.index 1 : index
    %here = arith.index_cast %j : index to i64
    %more = arith.cmpf ogt, %score, %most : f32
    %m = arith.select %more, %score, %most : f32
    %a = arith.select %more, %here, %at : i64
    linalg.yield %m, %a : f32, i64
  } -> (tensor<?xf32>, tensor<?xi64>)
  sym.return %class : tensor<?xi64>
}

// The share of `classes` that are the test set's labels.
sym.func @accuracy(%classes: tensor<?xi64>) -> tensor<f32> {
  %y = sym.read @test_y : tensor<?xi64>
  %n = sym.eval @count() givens(@train_y = %y : tensor<?xi64>) : () -> tensor<f32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %hits = linalg.generic {indexing_maps = [#id1, #id1, #scalar1], iterator_types = ["reduction"]}
      ins(%classes, %y : tensor<?xi64>, tensor<?xi64>) outs(%zero : tensor<f32>) {
  ^bb0(%class: i64, %label: i64, %acc: f32):
    %same = arith.cmpi eq, %class, %label : i64
    %f = arith.uitofp %same : i1 to f32
    %next = arith.addf %acc, %f : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %r = arith.divf %hits, %n : tensor<f32>
  sym.return %r : tensor<f32>
}

func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %epochs = arith.constant 15 : index
  %rate = arith.constant dense<0.1> : tensor<f32>
  %count = sym.call @batches() : () -> tensor<i64>
  %count_i64 = tensor.extract %count[] : tensor<i64>
  %batches = arith.index_cast %count_i64 : i64 to index

  %before = sym.call @loss() : () -> tensor<f32>
  sym.print "loss: " %before : tensor<f32>
  scf.for %epoch = %c0 to %epochs step %c1 {
    scf.for %batch = %c0 to %batches step %c1 {
      %i = arith.index_cast %batch : index to i64
      %number = tensor.from_elements %i : tensor<i64>
      %cost = sym.call @train(%number, %rate) : (tensor<i64>, tensor<f32>) -> tensor<f32>
    }
    %loss = sym.call @loss() : () -> tensor<f32>
    sym.print "loss: " %loss : tensor<f32>
  }

  %classes = sym.call @classify() : () -> tensor<?xi64>
  %accuracy = sym.call @accuracy(%classes) : (tensor<?xi64>) -> tensor<f32>
  sym.print "held-out accuracy: " %accuracy : tensor<f32>
  return
}
