//! Different people in different seats: a maximum matching by augmenting paths.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::principal::Name;

/// People, and the seats each may take, by index.
pub(super) type Hands<'a> = BTreeMap<&'a Name, BTreeSet<usize>>;

/// As many people seated as can be, each on one place.
pub(super) struct Seating<'a> {
    places: &'a [usize],
    holders: BTreeMap<usize, BTreeSet<&'a Name>>,
    seat_of: BTreeMap<&'a Name, usize>,
    /// INVARIANT: full, and so is every seat to which their holders could move; true for ever once true.
    closed: BTreeSet<usize>,
}

impl<'a> Seating<'a> {
    /// Seats `first`, in this order, then the others.
    ///
    /// Whoever was seated stays seated (on some seat), so `first` all sit if they can at all, and the
    /// number of people seated is the greatest possible whoever comes first: matchable sets are a matroid.
    pub(super) fn fill(places: &'a [usize], hands: &Hands<'a>, first: &[&'a Name]) -> Self {
        let mut seating = Self { places, holders: BTreeMap::new(), seat_of: BTreeMap::new(), closed: BTreeSet::new() };
        for person in first.iter().chain(hands.keys()).copied() {
            if !seating.seat_of.contains_key(person) {
                seating.seat(person, hands);
            }
        }
        seating
    }

    /// The seat a person has.
    pub(super) fn seat_of(&self, person: &Name) -> Option<usize> {
        self.seat_of.get(person).copied()
    }

    /// How many places of a seat are empty.
    pub(super) fn empty(&self, seat: usize) -> usize {
        let places = self.places.get(seat).copied().unwrap_or(0);
        places.saturating_sub(self.holders.get(&seat).map_or(0, BTreeSet::len))
    }

    /// Who of `open` would fill one of these empty seats, others moving up where they must.
    pub(super) fn could_fill(&self, seats: &[usize], hands: &Hands<'a>, open: &Hands<'a>) -> Vec<&'a Name> {
        let mut reached: BTreeSet<usize> = seats.iter().copied().collect();
        let mut queue: VecDeque<usize> = reached.iter().copied().collect();
        while let Some(seat) = queue.pop_front() {
            for (person, may) in hands {
                match self.seat_of(person) {
                    Some(left) if may.contains(&seat) && reached.insert(left) => queue.push_back(left),
                    _ => {}
                }
            }
        }
        open.iter().filter(|(_, may)| !may.is_disjoint(&reached)).map(|(person, _)| *person).collect()
    }

    fn seat(&mut self, person: &'a Name, hands: &Hands<'a>) {
        let mut came_by: BTreeMap<usize, &'a Name> = BTreeMap::new();
        let mut queue = VecDeque::from([person]);
        while let Some(mover) = queue.pop_front() {
            for seat in hands.get(mover).into_iter().flatten().copied() {
                if self.closed.contains(&seat) || came_by.contains_key(&seat) {
                    continue;
                }
                came_by.insert(seat, mover);
                if self.empty(seat) > 0 {
                    return self.shift(seat, &came_by);
                }
                queue.extend(self.holders.get(&seat).into_iter().flatten());
            }
        }
        self.closed.extend(came_by.into_keys());
    }

    /// Everyone on the path moves one seat towards the empty one.
    fn shift(&mut self, empty: usize, came_by: &BTreeMap<usize, &'a Name>) {
        let mut seat = empty;
        while let Some(mover) = came_by.get(&seat) {
            self.holders.entry(seat).or_default().insert(mover);
            let Some(left) = self.seat_of.insert(mover, seat) else { return };
            if let Some(holders) = self.holders.get_mut(&left) {
                holders.remove(mover);
            }
            seat = left;
        }
    }
}
