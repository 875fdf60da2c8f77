use super::IvpMember;

/// Results of consecutive members that nobody else writes.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    first: usize,
    /// Numbers of a member in `y`.
    length: usize,
    y: &'a mut [f64],
    members: &'a mut [IvpMember],
}

/// Where the results of one member go.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) y: &'a mut [f64],
    pub(super) member: &'a mut IvpMember,
}

impl<'a> Rows<'a> {
    /// The results of all members, `length` numbers of each.
    pub(super) fn new(length: usize, y: &'a mut [f64], members: &'a mut [IvpMember]) -> Self {
        Self {
            first: 0,
            length,
            y,
            members,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Takes the first `count` of them out, which must be there.
    pub(super) fn take(&mut self, count: usize) -> Self {
        let (y, y_left) = std::mem::take(&mut self.y).split_at_mut(count * self.length);
        let (members, left) = std::mem::take(&mut self.members).split_at_mut(count);
        let first = self.first;
        (self.y, self.members) = (y_left, left);
        self.first += count;
        Self {
            first,
            length: self.length,
            y,
            members,
        }
    }

    /// Takes the first one out.
    pub(super) fn pop(&mut self) -> Option<Row<'a>> {
        if self.members.is_empty() {
            return None;
        }
        let one = self.take(1);
        Some(Row {
            index: one.first,
            y: one.y,
            member: one.members.first_mut()?,
        })
    }

    /// Gives up those that are left.
    pub(super) fn abandon(self) {
        self.y.fill(f64::NAN);
        self.members.fill(IvpMember::NOT_RUN);
    }
}

impl Row<'_> {
    /// Gives the member up.
    pub(super) fn abandon(&mut self) {
        self.y.fill(f64::NAN);
        *self.member = IvpMember::NOT_RUN;
    }
}
