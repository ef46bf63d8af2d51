// A perceptron with one hidden layer, 784-500-10, tanh, softmax and momentum, with
// its gradient written by hand. One compilation serves every size of mini-batch.
// The program trains it on images of digits, 8×8 pixels enlarged to 28×28.
//
//   sym-runner examples/mlp.mlir --load-state=examples/data/digits.npz
//
// mlp_reference.py is the same in NumPy.

// The data, from digits.npz: pixels from 0 to 16, labels from 0 to 9.
sym.shared @train_x : tensor<?x64xi8>
sym.shared @train_y : tensor<?xi64>
sym.shared @test_x : tensor<?x64xi8>
sym.shared @test_y : tensor<?xi64>

// The parameters, and their velocities. @initialize draws W1 and W2.
sym.shared @W1 : tensor<784x500xf32> = dense<0.0>
sym.shared @b1 : tensor<500xf32> = dense<0.0>
sym.shared @W2 : tensor<500x10xf32> = dense<0.0>
sym.shared @b2 : tensor<10xf32> = dense<0.0>
sym.shared @vW1 : tensor<784x500xf32> = dense<0.0>
sym.shared @vb1 : tensor<500xf32> = dense<0.0>
sym.shared @vW2 : tensor<500x10xf32> = dense<0.0>
sym.shared @vb2 : tensor<10xf32> = dense<0.0>

#id1 = affine_map<(i) -> (i)>
#scalar1 = affine_map<(i) -> ()>
#id2 = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#scalar2 = affine_map<(i, j) -> ()>

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

// tanh(x W1 + b1).
sym.expr @hidden(%x: tensor<?x784xf32>) -> tensor<?x500xf32> {
  %w = sym.read @W1 : tensor<784x500xf32>
  %b = sym.read @b1 : tensor<500xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x784xf32>
  %init = tensor.empty(%n) : tensor<?x500xf32>
  %bias = linalg.broadcast ins(%b : tensor<500xf32>) outs(%init : tensor<?x500xf32>) dimensions = [0]
  %z = linalg.matmul ins(%x, %w : tensor<?x784xf32>, tensor<784x500xf32>)
                     outs(%bias : tensor<?x500xf32>) -> tensor<?x500xf32>
  %h = math.tanh %z : tensor<?x500xf32>
  sym.yield %h : tensor<?x500xf32>
}

// The scores h W2 + b2.
sym.expr @scores(%h: tensor<?x500xf32>) -> tensor<?x10xf32> {
  %w = sym.read @W2 : tensor<500x10xf32>
  %b = sym.read @b2 : tensor<10xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %h, %c0 : tensor<?x500xf32>
  %init = tensor.empty(%n) : tensor<?x10xf32>
  %bias = linalg.broadcast ins(%b : tensor<10xf32>) outs(%init : tensor<?x10xf32>) dimensions = [0]
  %z = linalg.matmul ins(%h, %w : tensor<?x500xf32>, tensor<500x10xf32>)
                     outs(%bias : tensor<?x10xf32>) -> tensor<?x10xf32>
  sym.yield %z : tensor<?x10xf32>
}

// The mean of the negative log-likelihood of the labels, and its derivative by
// the scores: (softmax(z) - one-hot(y)) / n.
sym.expr @crossentropy(%z: tensor<?x10xf32>, %y: tensor<?xi64>)
    -> (tensor<f32>, tensor<?x10xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %z, %c0 : tensor<?x10xf32>
  %count = arith.index_cast %n : index to i64
  %examples = arith.sitofp %count : i64 to f32
  %rows = tensor.empty(%n) : tensor<?xf32>
  %full = tensor.empty(%n) : tensor<?x10xf32>
  %minus_inf = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32

  // By the largest score of the row, so that nothing overflows.
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

  // Sum over the rows of log(sum(exp(z))) - z[y].
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %total = linalg.generic {indexing_maps = [#id2, #row, #row, #scalar2],
      iterator_types = ["reduction", "reduction"]}
      ins(%shifted, %sum, %y : tensor<?x10xf32>, tensor<?xf32>, tensor<?xi64>)
      outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %s: f32, %label: i64, %acc: f32):
    %j = linalg.index 1 : index
    %class = arith.index_cast %j : index to i64
    %same = arith.cmpi eq, %label, %class : i64
    %log = math.log %s : f32
    %loss = arith.subf %log, %a : f32
    %mine = arith.select %same, %loss, %zero : f32
    %next = arith.addf %acc, %mine : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %m = tensor.from_elements %examples : tensor<f32>
  %cost = arith.divf %total, %m : tensor<f32>

  %dz = linalg.generic {indexing_maps = [#id2, #row, #row, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%e, %sum, %y : tensor<?x10xf32>, tensor<?xf32>, tensor<?xi64>)
      outs(%full : tensor<?x10xf32>) {
  ^bb0(%a: f32, %s: f32, %label: i64, %out: f32):
    %j = linalg.index 1 : index
    %class = arith.index_cast %j : index to i64
    %same = arith.cmpi eq, %label, %class : i64
    %hot = arith.select %same, %one, %zero : f32
    %p = arith.divf %a, %s : f32
    %d = arith.subf %p, %hot : f32
    %r = arith.divf %d, %examples : f32
    linalg.yield %r : f32
  } -> tensor<?x10xf32>
  sym.yield %cost, %dz : tensor<f32>, tensor<?x10xf32>
}

// The cost of a mini-batch and its derivatives by W1, b1, W2 and b2.
sym.expr @derivatives(%x: tensor<?x784xf32>, %y: tensor<?xi64>)
    -> (tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>) {
  %w2 = sym.read @W2 : tensor<500x10xf32>
  %h = sym.eval @hidden(%x) : (tensor<?x784xf32>) -> tensor<?x500xf32>
  %z = sym.eval @scores(%h) : (tensor<?x500xf32>) -> tensor<?x10xf32>
  %cost, %dz = sym.eval @crossentropy(%z, %y)
      : (tensor<?x10xf32>, tensor<?xi64>) -> (tensor<f32>, tensor<?x10xf32>)
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x784xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32

  // W2 and b2: h' dz, and the sum of dz over the examples.
  %gw2_0 = arith.constant dense<0.0> : tensor<500x10xf32>
  %gb2_0 = arith.constant dense<0.0> : tensor<10xf32>
  %gw2 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%h, %dz : tensor<?x500xf32>, tensor<?x10xf32>)
      outs(%gw2_0 : tensor<500x10xf32>) -> tensor<500x10xf32>
  %gb2 = linalg.reduce { arith.addf } ins(%dz : tensor<?x10xf32>)
      outs(%gb2_0 : tensor<10xf32>) dimensions = [0]

  // Through tanh, whose derivative is 1 - h².
  %empty = tensor.empty(%n) : tensor<?x500xf32>
  %dh_0 = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x500xf32>) -> tensor<?x500xf32>
  %dh = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%dz, %w2 : tensor<?x10xf32>, tensor<500x10xf32>)
      outs(%dh_0 : tensor<?x500xf32>) -> tensor<?x500xf32>
  %da = linalg.generic {indexing_maps = [#id2, #id2, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%dh, %h : tensor<?x500xf32>, tensor<?x500xf32>) outs(%empty : tensor<?x500xf32>) {
  ^bb0(%d: f32, %t: f32, %out: f32):
    %square = arith.mulf %t, %t : f32
    %slope = arith.subf %one, %square : f32
    %r = arith.mulf %d, %slope : f32
    linalg.yield %r : f32
  } -> tensor<?x500xf32>

  // W1 and b1.
  %gw1_0 = arith.constant dense<0.0> : tensor<784x500xf32>
  %gb1_0 = arith.constant dense<0.0> : tensor<500xf32>
  %gw1 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %da : tensor<?x784xf32>, tensor<?x500xf32>)
      outs(%gw1_0 : tensor<784x500xf32>) -> tensor<784x500xf32>
  %gb1 = linalg.reduce { arith.addf } ins(%da : tensor<?x500xf32>)
      outs(%gb1_0 : tensor<500xf32>) dimensions = [0]
  sym.yield %cost, %gw1, %gb1, %gw2, %gb2
      : tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>
}

// v = 0.9 v - rate g, and the parameter moves by v; one for each shape.
sym.expr @step_W1(%g: tensor<784x500xf32>, %rate: tensor<f32>) -> (tensor<784x500xf32>, tensor<784x500xf32>) {
  %p = sym.read @W1 : tensor<784x500xf32>
  %v = sym.read @vW1 : tensor<784x500xf32>
  %init = tensor.empty() : tensor<784x500xf32>
  %rates = linalg.broadcast ins(%rate : tensor<f32>) outs(%init : tensor<784x500xf32>) dimensions = [0, 1]
  %momentum = arith.constant dense<0.9> : tensor<784x500xf32>
  %kept = arith.mulf %v, %momentum : tensor<784x500xf32>
  %step = arith.mulf %g, %rates : tensor<784x500xf32>
  %next = arith.subf %kept, %step : tensor<784x500xf32>
  %moved = arith.addf %p, %next : tensor<784x500xf32>
  sym.yield %moved, %next : tensor<784x500xf32>, tensor<784x500xf32>
}

sym.expr @step_b1(%g: tensor<500xf32>, %rate: tensor<f32>) -> (tensor<500xf32>, tensor<500xf32>) {
  %p = sym.read @b1 : tensor<500xf32>
  %v = sym.read @vb1 : tensor<500xf32>
  %init = tensor.empty() : tensor<500xf32>
  %rates = linalg.broadcast ins(%rate : tensor<f32>) outs(%init : tensor<500xf32>) dimensions = [0]
  %momentum = arith.constant dense<0.9> : tensor<500xf32>
  %kept = arith.mulf %v, %momentum : tensor<500xf32>
  %step = arith.mulf %g, %rates : tensor<500xf32>
  %next = arith.subf %kept, %step : tensor<500xf32>
  %moved = arith.addf %p, %next : tensor<500xf32>
  sym.yield %moved, %next : tensor<500xf32>, tensor<500xf32>
}

sym.expr @step_W2(%g: tensor<500x10xf32>, %rate: tensor<f32>) -> (tensor<500x10xf32>, tensor<500x10xf32>) {
  %p = sym.read @W2 : tensor<500x10xf32>
  %v = sym.read @vW2 : tensor<500x10xf32>
  %init = tensor.empty() : tensor<500x10xf32>
  %rates = linalg.broadcast ins(%rate : tensor<f32>) outs(%init : tensor<500x10xf32>) dimensions = [0, 1]
  %momentum = arith.constant dense<0.9> : tensor<500x10xf32>
  %kept = arith.mulf %v, %momentum : tensor<500x10xf32>
  %step = arith.mulf %g, %rates : tensor<500x10xf32>
  %next = arith.subf %kept, %step : tensor<500x10xf32>
  %moved = arith.addf %p, %next : tensor<500x10xf32>
  sym.yield %moved, %next : tensor<500x10xf32>, tensor<500x10xf32>
}

sym.expr @step_b2(%g: tensor<10xf32>, %rate: tensor<f32>) -> (tensor<10xf32>, tensor<10xf32>) {
  %p = sym.read @b2 : tensor<10xf32>
  %v = sym.read @vb2 : tensor<10xf32>
  %init = tensor.empty() : tensor<10xf32>
  %rates = linalg.broadcast ins(%rate : tensor<f32>) outs(%init : tensor<10xf32>) dimensions = [0]
  %momentum = arith.constant dense<0.9> : tensor<10xf32>
  %kept = arith.mulf %v, %momentum : tensor<10xf32>
  %step = arith.mulf %g, %rates : tensor<10xf32>
  %next = arith.subf %kept, %step : tensor<10xf32>
  %moved = arith.addf %p, %next : tensor<10xf32>
  sym.yield %moved, %next : tensor<10xf32>, tensor<10xf32>
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

// Numbers from -1 to 1, a hash of the seed and the position.
sym.expr @draws(%seed: tensor<i32>) -> tensor<397000xf32> {
  %init = tensor.empty() : tensor<397000xf32>
  %r = linalg.generic {indexing_maps = [#scalar1, #id1], iterator_types = ["parallel"]}
      ins(%seed : tensor<i32>) outs(%init : tensor<397000xf32>) {
  ^bb0(%s: i32, %out: f32):
    %c8 = arith.constant 8 : i32
    %c15 = arith.constant 15 : i32
    %c16 = arith.constant 16 : i32
    %golden = arith.constant 0x9E3779B9 : i32
    %m1 = arith.constant 0x7FEB352D : i32
    %m2 = arith.constant 0x846CA68B : i32
    %i = linalg.index 0 : index
    %position = arith.index_cast %i : index to i32
    %stream = arith.muli %s, %golden : i32
    %h0 = arith.addi %position, %stream : i32
    %h1 = arith.shrui %h0, %c16 : i32
    %h2 = arith.xori %h0, %h1 : i32
    %h3 = arith.muli %h2, %m1 : i32
    %h4 = arith.shrui %h3, %c15 : i32
    %h5 = arith.xori %h3, %h4 : i32
    %h6 = arith.muli %h5, %m2 : i32
    %h7 = arith.shrui %h6, %c16 : i32
    %h8 = arith.xori %h6, %h7 : i32
    // 24 bits, exact in f32.
    %bits = arith.shrui %h8, %c8 : i32
    %f = arith.uitofp %bits : i32 to f32
    %scale = arith.constant 1.1920928955078125e-07 : f32
    %one = arith.constant 1.0 : f32
    %u = arith.mulf %f, %scale : f32
    %d = arith.subf %u, %one : f32
    linalg.yield %d : f32
  } -> tensor<397000xf32>
  sym.yield %r : tensor<397000xf32>
}

// Draws W1 and W2, evenly from -r to r with r = sqrt(6 / (inputs + outputs)), and
// sets the rest to zero.
sym.func @initialize(%seed: tensor<i32>) {
  %draws = sym.eval @draws(%seed) : (tensor<i32>) -> tensor<397000xf32>
  %first = tensor.extract_slice %draws[0] [392000] [1] : tensor<397000xf32> to tensor<392000xf32>
  %second = tensor.extract_slice %draws[392000] [5000] [1] : tensor<397000xf32> to tensor<5000xf32>
  %first2 = tensor.expand_shape %first [[0, 1]] output_shape [784, 500]
      : tensor<392000xf32> into tensor<784x500xf32>
  %second2 = tensor.expand_shape %second [[0, 1]] output_shape [500, 10]
      : tensor<5000xf32> into tensor<500x10xf32>
  %r1 = arith.constant dense<0.0683585912> : tensor<784x500xf32>
  %r2 = arith.constant dense<0.108465229> : tensor<500x10xf32>
  %w1 = arith.mulf %first2, %r1 : tensor<784x500xf32>
  %w2 = arith.mulf %second2, %r2 : tensor<500x10xf32>
  %zero_w1 = arith.constant dense<0.0> : tensor<784x500xf32>
  %zero_b1 = arith.constant dense<0.0> : tensor<500xf32>
  %zero_w2 = arith.constant dense<0.0> : tensor<500x10xf32>
  %zero_b2 = arith.constant dense<0.0> : tensor<10xf32>
  sym.return updates(
      @W1 = %w1 : tensor<784x500xf32>, @b1 = %zero_b1 : tensor<500xf32>,
      @W2 = %w2 : tensor<500x10xf32>, @b2 = %zero_b2 : tensor<10xf32>,
      @vW1 = %zero_w1 : tensor<784x500xf32>, @vb1 = %zero_b1 : tensor<500xf32>,
      @vW2 = %zero_w2 : tensor<500x10xf32>, @vb2 = %zero_b2 : tensor<10xf32>)
}

// One step of gradient descent. Returns the cost before the step.
sym.func @train(%x: tensor<?x784xf32>, %y: tensor<?xi64>, %rate: tensor<f32>) -> tensor<f32> {
  %cost, %gw1, %gb1, %gw2, %gb2 = sym.eval @derivatives(%x, %y)
      : (tensor<?x784xf32>, tensor<?xi64>)
      -> (tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>)
  %new_w1, %new_vw1 = sym.eval @step_W1(%gw1, %rate)
      : (tensor<784x500xf32>, tensor<f32>) -> (tensor<784x500xf32>, tensor<784x500xf32>)
  %new_b1, %new_vb1 = sym.eval @step_b1(%gb1, %rate)
      : (tensor<500xf32>, tensor<f32>) -> (tensor<500xf32>, tensor<500xf32>)
  %new_w2, %new_vw2 = sym.eval @step_W2(%gw2, %rate)
      : (tensor<500x10xf32>, tensor<f32>) -> (tensor<500x10xf32>, tensor<500x10xf32>)
  %new_b2, %new_vb2 = sym.eval @step_b2(%gb2, %rate)
      : (tensor<10xf32>, tensor<f32>) -> (tensor<10xf32>, tensor<10xf32>)
  sym.return %cost : tensor<f32> updates(
      @W1 = %new_w1 : tensor<784x500xf32>, @b1 = %new_b1 : tensor<500xf32>,
      @W2 = %new_w2 : tensor<500x10xf32>, @b2 = %new_b2 : tensor<10xf32>,
      @vW1 = %new_vw1 : tensor<784x500xf32>, @vb1 = %new_vb1 : tensor<500xf32>,
      @vW2 = %new_vw2 : tensor<500x10xf32>, @vb2 = %new_vb2 : tensor<10xf32>)
}

// What a step would follow.
sym.func @gradient(%x: tensor<?x784xf32>, %y: tensor<?xi64>)
    -> (tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>) {
  %cost, %gw1, %gb1, %gw2, %gb2 = sym.eval @derivatives(%x, %y)
      : (tensor<?x784xf32>, tensor<?xi64>)
      -> (tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>)
  sym.return %cost, %gw1, %gb1, %gw2, %gb2
      : tensor<f32>, tensor<784x500xf32>, tensor<500xf32>, tensor<500x10xf32>, tensor<10xf32>
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

// The pixels as numbers from 0 to 1, each repeated 3 or 4 times in both directions.
sym.expr @enlarge(%small: tensor<?x64xi8>) -> tensor<?x784xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %small, %c0 : tensor<?x64xi8>
  %init = tensor.empty(%n) : tensor<?x784xf32>
  %r = linalg.generic {indexing_maps = [#id2], iterator_types = ["parallel", "parallel"]}
      outs(%init : tensor<?x784xf32>) {
  ^bb0(%out: f32):
    %c2 = arith.constant 2 : index
    %c7 = arith.constant 7 : index
    %c8 = arith.constant 8 : index
    %c28 = arith.constant 28 : index
    %image = linalg.index 0 : index
    %place = linalg.index 1 : index
    %y = arith.divui %place, %c28 : index
    %x = arith.remui %place, %c28 : index
    %y2 = arith.muli %y, %c2 : index
    %x2 = arith.muli %x, %c2 : index
    %small_y = arith.divui %y2, %c7 : index
    %small_x = arith.divui %x2, %c7 : index
    %line = arith.muli %small_y, %c8 : index
    %from = arith.addi %line, %small_x : index
    %p = tensor.extract %small[%image, %from] : tensor<?x64xi8>
    %f = arith.sitofp %p : i8 to f32
    %sixteenth = arith.constant 0.0625 : f32
    %s = arith.mulf %f, %sixteenth : f32
    linalg.yield %s : f32
  } -> tensor<?x784xf32>
  sym.yield %r : tensor<?x784xf32>
}

// Mini-batch `number` of the training set: images and labels.
sym.func @batch(%number: tensor<i64>) -> (tensor<?x784xf32>, tensor<?xi64>) {
  %x = sym.read @train_x : tensor<?x64xi8>
  %y = sym.read @train_y : tensor<?xi64>
  %c0 = arith.constant 0 : index
  %c50 = arith.constant 50 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xi8>
  %k = tensor.extract %number[] : tensor<i64>
  %i = arith.index_cast %k : i64 to index
  %first = arith.muli %i, %c50 : index
  %left = arith.subi %n, %first : index
  %size = arith.minsi %left, %c50 : index
  %small = tensor.extract_slice %x[%first, 0] [%size, 64] [1, 1]
      : tensor<?x64xi8> to tensor<?x64xi8>
  %labels = tensor.extract_slice %y[%first] [%size] [1] : tensor<?xi64> to tensor<?xi64>
  %images = sym.eval @enlarge(%small) : (tensor<?x64xi8>) -> tensor<?x784xf32>
  sym.return %images, %labels : tensor<?x784xf32>, tensor<?xi64>
}

// The share of the test set whose largest score is the label's.
sym.func @accuracy() -> tensor<f32> {
  %small = sym.read @test_x : tensor<?x64xi8>
  %y = sym.read @test_y : tensor<?xi64>
  %x = sym.eval @enlarge(%small) : (tensor<?x64xi8>) -> tensor<?x784xf32>
  %h = sym.eval @hidden(%x) : (tensor<?x784xf32>) -> tensor<?x500xf32>
  %z = sym.eval @scores(%h) : (tensor<?x500xf32>) -> tensor<?x10xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %z, %c0 : tensor<?x10xf32>
  %minus_inf = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %rows = tensor.empty(%n) : tensor<?xf32>
  %max0 = linalg.fill ins(%minus_inf : f32) outs(%rows : tensor<?xf32>) -> tensor<?xf32>
  %max = linalg.reduce { arith.maximumf } ins(%z : tensor<?x10xf32>)
      outs(%max0 : tensor<?xf32>) dimensions = [1]
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %hits = linalg.generic {indexing_maps = [#id2, #row, #row, #scalar2],
      iterator_types = ["reduction", "reduction"]}
      ins(%z, %max, %y : tensor<?x10xf32>, tensor<?xf32>, tensor<?xi64>)
      outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %most: f32, %label: i64, %acc: f32):
    %j = linalg.index 1 : index
    %class = arith.index_cast %j : index to i64
    %same = arith.cmpi eq, %label, %class : i64
    %largest = arith.cmpf oeq, %a, %most : f32
    %hit = arith.andi %same, %largest : i1
    %f = arith.uitofp %hit : i1 to f32
    %next = arith.addf %acc, %f : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %count = arith.index_cast %n : index to i64
  %examples = arith.sitofp %count : i64 to f32
  %m = tensor.from_elements %examples : tensor<f32>
  %r = arith.divf %hits, %m : tensor<f32>
  sym.return %r : tensor<f32>
}

//===----------------------------------------------------------------------===//
// The host program
//===----------------------------------------------------------------------===//

func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %epochs = arith.constant 3 : index
  %seed = arith.constant dense<1> : tensor<i32>
  %rate = arith.constant dense<0.02> : tensor<f32>
  sym.call @initialize(%seed) : (tensor<i32>) -> ()
  %count = sym.call @batches() : () -> tensor<i64>
  %count_i64 = tensor.extract %count[] : tensor<i64>
  %batches = arith.index_cast %count_i64 : i64 to index
  %zero = arith.constant dense<0.0> : tensor<f32>
  scf.for %epoch = %c0 to %epochs step %c1 {
    // The costs of an epoch's last mini-batch.
    %last = scf.for %i = %c0 to %batches step %c1 iter_args(%before = %zero) -> (tensor<f32>) {
      %i_i64 = arith.index_cast %i : index to i64
      %number = tensor.from_elements %i_i64 : tensor<i64>
      %x, %y = sym.call @batch(%number) : (tensor<i64>) -> (tensor<?x784xf32>, tensor<?xi64>)
      %cost = sym.call @train(%x, %y, %rate)
          : (tensor<?x784xf32>, tensor<?xi64>, tensor<f32>) -> tensor<f32>
      scf.yield %cost : tensor<f32>
    }
    sym.print "cost of the last mini-batch: " %last : tensor<f32>
  }
  %accuracy = sym.call @accuracy() : () -> tensor<f32>
  sym.print "held-out accuracy: " %accuracy : tensor<f32>
  return
}
