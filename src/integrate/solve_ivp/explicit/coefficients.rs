//! The coefficients in the tables keep the order conditions: Hairer, Nørsett, Wanner I, theorem
//! II.2.13, over all rooted trees up to order 8.

use std::collections::HashMap;

const RK45: &str = include_str!("../../../../fortran/integrate/rk45_table.inc");
const DOP853: &str = include_str!("../../../../fortran/integrate/dop853_table.inc");

/// A rooted tree: the numbers of the trees that hang on its root.
struct Tree {
    order: usize,
    density: f64,
    branches: Vec<usize>,
}

/// All rooted trees up to `order`, by order.
fn trees(order: usize) -> Vec<Tree> {
    let mut all = Vec::new();
    for order in 1..=order {
        let mut found = Vec::new();
        grow(&all, order - 1, all.len(), &mut vec![], &mut found);
        for branches in found {
            let density = branches.iter().map(|&b: &usize| all[b].density);
            let density = order as f64 * density.product::<f64>();
            all.push(Tree {
                order,
                density,
                branches,
            });
        }
    }
    all
}

/// Adds to `found` every way to choose trees below number `end`, in descending order, that have
/// `left` vertices.
fn grow(
    all: &[Tree],
    left: usize,
    end: usize,
    chosen: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
) {
    if left == 0 {
        found.push(chosen.clone());
    }
    for next in (0..end).filter(|&k| all[k].order <= left) {
        chosen.push(next);
        grow(all, left - all[next].order, next + 1, chosen, found);
        chosen.pop();
    }
}

/// A method as its table says.
struct Tableau {
    number: HashMap<String, f64>,
    a: Vec<Vec<f64>>,
}

impl Tableau {
    fn new(table: &str, stages: usize) -> Self {
        let value = |text: &str| -> f64 { text.trim_end_matches("_wp").parse().expect("a number") };
        let number: HashMap<_, _> = table
            .lines()
            .filter_map(|line| line.trim().strip_prefix("real(wp), parameter :: "))
            .map(|line| {
                let (name, text) = line.split_once(" = ").expect("a value");
                let number = match text.split_once('/') {
                    Some((above, below)) => value(above) / value(below),
                    None => value(text),
                };
                (name.to_owned(), number)
            })
            .collect();
        let get = |name: String| number.get(&name).copied().unwrap_or(0.0);
        let row = |i| (1..=stages).map(|j| get(format!("a{i}_{j}"))).collect();
        let a = (1..=stages).map(row).collect();
        Self { number, a }
    }

    /// `name1`, `name2`, ..., zero where the table has none.
    fn vector(&self, name: &str) -> Vec<f64> {
        let get = |i| {
            self.number
                .get(&format!("{name}{i}"))
                .copied()
                .unwrap_or(0.0)
        };
        (1..=self.a.len()).map(get).collect()
    }

    /// What each stage makes of each tree, and a bound of the terms that it sums.
    fn weights(&self, trees: &[Tree]) -> Vec<(Vec<f64>, Vec<f64>)> {
        let mut all: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for tree in trees {
            let of_stage = |row: &Vec<f64>| {
                let (mut product, mut bound) = (1.0, 1.0);
                for &branch in &tree.branches {
                    product *= dot(row, &all[branch].0);
                    bound *= dot(&magnitudes(row), &all[branch].1);
                }
                (product, bound)
            };
            let stages = self.a.iter().map(of_stage).unzip();
            all.push(stages);
        }
        all
    }

    /// Asserts that `b` has order `order`: the sum over the stages is `right` / density.
    fn assert_order(&self, b: &[f64], order: usize, right: impl Fn(usize) -> f64) {
        let trees = trees(order);
        for (tree, (weight, bound)) in trees.iter().zip(self.weights(&trees)) {
            let error = dot(b, &weight) - right(tree.order) / tree.density;
            // A factor of each of at most 8 levels and a sum of at most 16 terms are rounded.
            let tolerance = 24.0 * f64::EPSILON * dot(&magnitudes(b), &bound);
            assert!(
                error.abs() <= tolerance,
                "order {}: {error:e} {tolerance:e}",
                tree.order
            );
        }
    }

    /// Asserts that the nodes are the sums of the rows of `a`.
    fn assert_nodes(&self, at_the_end: &[usize]) {
        for (i, row) in self.a.iter().enumerate().skip(1) {
            let node = self.number.get(&format!("c{}", i + 1)).copied();
            let node = node.unwrap_or(1.0);
            assert!(node != 1.0 || at_the_end.contains(&(i + 1)));
            let tolerance = 16.0 * f64::EPSILON * magnitudes(row).iter().sum::<f64>();
            assert!((row.iter().sum::<f64>() - node).abs() <= tolerance, "{i}");
        }
    }

    /// The weights of the dense output at `s`, from `last`: those of its last coefficients.
    fn dense(&self, s: f64, b: &[f64], last_stage: usize, last: &[Vec<f64>]) -> Vec<f64> {
        let unit = |stage: usize, i: usize| f64::from(u8::from(stage == i));
        let of_stage = |i: usize| {
            let (way, bend) = (b[i], unit(0, i) - b[i]);
            let mut parts = vec![0.0, way, bend, way - unit(last_stage - 1, i) - bend];
            parts.extend(last.iter().map(|d| d[i]));
            let inner = parts.pop().expect("parts");
            parts
                .iter()
                .enumerate()
                .rev()
                .fold(inner, |inner, (k, part)| {
                    part + if k % 2 == 0 { s } else { 1.0 - s } * inner
                })
        };
        (0..b.len()).map(of_stage).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn magnitudes(a: &[f64]) -> Vec<f64> {
    a.iter().map(|x| x.abs()).collect()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[test]
fn there_are_200_trees_up_to_order_8() {
    let count = |order| trees(8).iter().filter(|t| t.order == order).count();
    assert_eq!(
        (1..=8).map(count).collect::<Vec<_>>(),
        [1, 1, 2, 4, 9, 20, 48, 115]
    );
}

#[test]
fn rk45_has_order_5_its_companion_4_and_its_dense_output_4() {
    let method = Tableau::new(RK45, 7);
    method.assert_nodes(&[6, 7]);
    let b = method.vector("a7_");
    method.assert_order(&b, 5, |_| 1.0);
    method.assert_order(&difference(&b, &method.vector("e")), 4, |_| 1.0);
    let last = [method.vector("d")];
    for s in [0.1, 0.35, 0.5, 0.8, 1.0] {
        let weights = method.dense(s, &b, 7, &last);
        method.assert_order(&weights, 4, |order| f64::powi(s, order as i32));
    }
}

#[test]
fn dop853_has_order_8_its_companions_5_and_3_and_its_dense_output_7() {
    let mut method = Tableau::new(DOP853, 16);
    let b = method.vector("b");
    method.a[12].clone_from(&b);
    method.assert_nodes(&[12, 13]);
    method.assert_order(&b, 8, |_| 1.0);
    method.assert_order(&difference(&b, &method.vector("e")), 5, |_| 1.0);
    method.assert_order(&method.vector("g"), 3, |_| 1.0);
    let last = ["d4_", "d5_", "d6_", "d7_"].map(|name| method.vector(name));
    for s in [0.1, 0.35, 0.5, 0.8, 1.0] {
        let weights = method.dense(s, &b, 13, &last);
        method.assert_order(&weights, 7, |order| f64::powi(s, order as i32));
    }
}
