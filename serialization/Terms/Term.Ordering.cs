using System.Numerics;

namespace CloudScale;

public static partial class Term
{
    private static class Ordering
    {
        private const int Descend = int.MinValue; // no sign yet: the contents decide

        public static int Compare(object? left, object? right, bool exact)
        {
            if (ReferenceEquals(left, right) && left is not null and not double)
                return 0;
            int sign = CompareShape(ref left, ref right, exact);
            return sign == Descend ? CompareContents(left!, right!, exact) : sign;
        }

        private static int CompareContents(object left, object right, bool exact)
        {
            using Walk<Frame> parents = new();
            Frame frame = new(left, right, exact);
            while (true)
            {
                if (!frame.TryNext(out object? l, out object? r, out exact))
                {
                    if (frame.Remainder is int sign and not 0)
                        return sign;
                    if (!parents.TryPop(out frame))
                        return 0;
                    continue;
                }

                if (ReferenceEquals(l, r))
                    continue;
                int part = CompareShape(ref l, ref r, exact);
                if (part == 0)
                    continue;
                if (part != Descend)
                    return part;
                parents.Push(frame);
                frame = new Frame(l!, r!, exact);
            }
        }

        private static int CompareShape(ref object? left, ref object? right, bool exact)
        {
            TermKind kind = TermKinds.ClassifyOrThrow(ref left);
            TermKind other = TermKinds.ClassifyOrThrow(ref right);
            int rank = TermKinds.Rank(kind);
            int sign = rank.CompareTo(TermKinds.Rank(other));
            if (sign != 0)
                return sign;

            if (kind != other)
            {
                return rank switch
                {
                    1 => CompareNumbers(left, kind, right, other, exact),
                    4 => kind == TermKind.Fun ? -1 : 1,
                    _ => CompareBits(left, right),
                };
            }

            switch (kind)
            {
                case TermKind.Integer:
                    return ((long)left).CompareTo((long)right);
                case TermKind.BigInteger:
                    return ((BigInteger)left).CompareTo((BigInteger)right);
                case TermKind.Float:
                    return (double)left == (double)right ? 0 : ((double)left).CompareTo((double)right);
                case TermKind.Atom:
                    return CompareAtoms((Atom)left, (Atom)right);
                case TermKind.Reference:
                    return CompareReferences((Reference)left, (Reference)right);
                case TermKind.ExternalFun:
                    return CompareExternalFuns((ExternalFun)left, (ExternalFun)right);
                case TermKind.Fun:
                    sign = CompareFuns((Fun)left, (Fun)right);
                    return sign != 0 || ((Fun)left).FreeVariables.Length == 0 ? sign : Descend;
                case TermKind.Port:
                    sign = CompareNodes(((Port)left).Node, ((Port)right).Node);
                    return sign != 0 ? sign : ((Port)left).Number.CompareTo(((Port)right).Number);
                case TermKind.Pid:
                    sign = ((Pid)left).Number.CompareTo(((Pid)right).Number);
                    return sign != 0 ? sign : CompareNodes(((Pid)left).Node, ((Pid)right).Node);
                case TermKind.Tuple:
                    sign = ((Tuple)left).Count.CompareTo(((Tuple)right).Count);
                    return sign != 0 || ((Tuple)left).Count == 0 ? sign : Descend;
                case TermKind.NativeRecord:
                    sign = CompareDefinitions((NativeRecord)left, (NativeRecord)right);
                    return sign != 0 || ((NativeRecord)left).Values.Length == 0 ? sign : Descend;
                case TermKind.Map:
                    sign = ((Map)left).Count.CompareTo(((Map)right).Count);
                    return sign != 0 || ((Map)left).Count == 0 ? sign : Descend;
                case TermKind.Nil:
                    return 0;
                case TermKind.List:
                    return Descend;
                case TermKind.Binary:
                    return ((Binary)left).Span.SequenceCompareTo(((Binary)right).Span);
                default:
                    return CompareBits(left, right);
            }
        }

        private static int CompareNumbers(object left, TermKind kind, object right, TermKind other, bool exact)
        {
            if (kind == TermKind.Float)
                return -CompareNumbers(right, other, left, kind, exact);
            if (other == TermKind.Float)
                return exact ? -1 : CompareWithFloat(left, kind, (double)right);
            // One of them does not fit in 64 bits, so its sign decides.
            return kind == TermKind.BigInteger ? ((BigInteger)left).Sign : -((BigInteger)right).Sign;
        }

        // Exact: the float becomes an integer where it is beyond 2^53, never the integer a float.
        private static int CompareWithFloat(object integer, TermKind kind, double value)
        {
            if (double.IsNaN(value))
                return 1;
            if (kind == TermKind.BigInteger)
                return double.IsInfinity(value) ? -double.Sign(value) : CompareWhole((BigInteger)integer, value);

            long number = (long)integer;
            if (value >= 9223372036854775808.0)
                return -1;
            if (value < -9223372036854775808.0)
                return 1;
            double whole = Math.Truncate(value);
            int sign = number.CompareTo((long)whole);
            return sign != 0 ? sign : whole.CompareTo(value);
        }

        private static int CompareWhole(BigInteger integer, double value)
        {
            double whole = Math.Truncate(value);
            int sign = integer.CompareTo(new BigInteger(whole));
            return sign != 0 ? sign : whole.CompareTo(value);
        }

        private static int CompareAtoms(Atom left, Atom right) =>
            ReferenceEquals(left, right) ? 0 : left.Utf8.SequenceCompareTo(right.Utf8);

        private static int CompareNodes(NodeIdentity? left, NodeIdentity? right)
        {
            if (ReferenceEquals(left, right))
                return 0;
            if (left is null || right is null)
                return left is null ? -1 : 1;
            int sign = CompareAtoms(left.Name, right.Name);
            return sign != 0 ? sign : left.Creation.CompareTo(right.Creation);
        }

        private static int CompareReferences(Reference left, Reference right)
        {
            int sign = CompareNodes(left.Node, right.Node);
            if (sign != 0)
                return sign;
            if (left.IsNone)
                return 0;
            Span<uint> leftWords = stackalloc uint[Reference.MaxWords];
            Span<uint> rightWords = stackalloc uint[Reference.MaxWords];
            leftWords.Clear(); // the shorter counts as if its high words were zero
            rightWords.Clear();
            int leftCount = left.CopyWords(leftWords);
            int rightCount = right.CopyWords(rightWords);
            for (int i = Reference.MaxWords - 1; i >= 0; i--)
            {
                sign = leftWords[i].CompareTo(rightWords[i]);
                if (sign != 0)
                    return sign;
            }

            return leftCount.CompareTo(rightCount);
        }

        private static int CompareExternalFuns(ExternalFun left, ExternalFun right)
        {
            int sign = CompareAtoms(left.Module, right.Module);
            if (sign == 0)
                sign = CompareAtoms(left.Function, right.Function);
            return sign != 0 ? sign : left.Arity.CompareTo(right.Arity);
        }

        private static int CompareFuns(Fun left, Fun right)
        {
            // Module, index and old uniq are what BEAM compares: to it, funs that differ in the rest are one.
            int sign = CompareAtoms(left.Module, right.Module);
            if (sign == 0)
                sign = left.Index.CompareTo(right.Index);
            if (sign == 0)
                sign = left.OldUniq.CompareTo(right.OldUniq);
            if (sign == 0)
                sign = left.OldIndex.CompareTo(right.OldIndex);
            if (sign == 0)
                sign = left.Uniq.CompareTo(right.Uniq);
            if (sign == 0)
                sign = left.Arity.CompareTo(right.Arity);
            return sign != 0 ? sign : left.FreeVariables.Length.CompareTo(right.FreeVariables.Length);
        }

        // Module, name, whether it is exported, number of fields, their names as defined: as OTP 29 does; then the values.
        private static int CompareDefinitions(NativeRecord left, NativeRecord right)
        {
            int sign = CompareAtoms(left.Module, right.Module);
            if (sign == 0)
                sign = CompareAtoms(left.Name, right.Name);
            if (sign == 0)
                sign = left.IsExported.CompareTo(right.IsExported);
            if (sign == 0)
                sign = left.Fields.Length.CompareTo(right.Fields.Length);
            for (int i = 0; sign == 0 && i < left.Fields.Length; i++)
                sign = CompareAtoms(left.Fields[i], right.Fields[i]);
            return sign;
        }

        private static int CompareBits(object left, object right)
        {
            ReadOnlySpan<byte> leftBytes = Bits(left, out long leftBits);
            ReadOnlySpan<byte> rightBytes = Bits(right, out long rightBits);
            long common = Math.Min(leftBits, rightBits);
            int whole = (int)(common / 8);
            int sign = leftBytes[..whole].SequenceCompareTo(rightBytes[..whole]);
            if (sign != 0)
                return sign;
            int rest = (int)(common % 8);
            if (rest != 0)
                sign = (leftBytes[whole] >> (8 - rest)).CompareTo(rightBytes[whole] >> (8 - rest));
            return sign != 0 ? sign : leftBits.CompareTo(rightBits);
        }

        private static ReadOnlySpan<byte> Bits(object term, out long bits)
        {
            if (term is BitString bitString)
            {
                bits = bitString.BitLength;
                return bitString.Span;
            }

            Binary binary = (Binary)term;
            bits = 8L * binary.Length;
            return binary.Span;
        }

        /// <summary>Two terms of one kind and size, and how far their contents have been compared.</summary>
        private struct Frame(object left, object right, bool exact)
        {
            private readonly object _left = left;
            private readonly object _right = right;
            private readonly bool _exact = exact;
            private int _index;

            /// <summary>The sign that remains when all pairs were equal; lists only, where one may go on.</summary>
            public int Remainder { get; private set; }

            public bool TryNext(out object? left, out object? right, out bool exact)
            {
                left = null;
                right = null;
                exact = _exact;
                switch (_left)
                {
                    case Tuple tuple:
                        if (_index == tuple.Count)
                            return false;
                        left = tuple[_index];
                        right = ((Tuple)_right)[_index++];
                        return true;
                    case List list:
                        return TryNextOfLists(list, (List)_right, out left, out right);
                    case Fun fun:
                        if (_index == fun.FreeVariables.Length)
                            return false;
                        left = fun.FreeVariables[_index];
                        right = ((Fun)_right).FreeVariables[_index++];
                        return true;
                    case NativeRecord record:
                        if (_index == record.Values.Length)
                            return false;
                        left = record.Values[_index];
                        right = ((NativeRecord)_right).Values[_index++];
                        return true;
                    default:
                        return TryNextOfMaps((Map)_left, (Map)_right, out left, out right, out exact);
                }
            }

            private bool TryNextOfLists(List list, List other, out object? left, out object? right)
            {
                left = null;
                right = null;
                int common = Math.Min(list.Count, other.Count);
                if (_index == 0 && list.TryGetBytes(out ReadOnlySpan<byte> bytes) && other.TryGetBytes(out ReadOnlySpan<byte> otherBytes))
                {
                    int same = bytes.CommonPrefixLength(otherBytes);
                    if (same < common)
                    {
                        _index = common + 1;
                        Remainder = bytes[same].CompareTo(otherBytes[same]);
                        return false;
                    }

                    _index = common;
                }

                if (_index < common)
                {
                    left = list[_index];
                    right = other[_index++];
                    return true;
                }

                if (_index++ > common)
                    return false;
                if (list.Count == other.Count)
                {
                    left = list.Tail;
                    right = other.Tail;
                    return !list.IsProper || !other.IsProper;
                }

                // One ends here, in its tail; the other goes on, and what goes on is a list.
                Remainder = list.Count < other.Count ? AgainstList(list.Tail) : -AgainstList(other.Tail);
                return false;
            }

            private static int AgainstList(object tail)
            {
                object? term = tail;
                return TermKinds.Rank(TermKinds.ClassifyOrThrow(ref term)).CompareTo(TermKinds.Rank(TermKind.List));
            }

            private bool TryNextOfMaps(Map map, Map other, out object? left, out object? right, out bool exact)
            {
                left = null;
                right = null;
                exact = _exact;
                int count = map.Count;
                if (_index == 2 * count)
                    return false;
                bool isKey = _index < count;
                int at = map.Order[isKey ? _index : _index - count];
                int otherAt = other.Order[isKey ? _index : _index - count];
                _index++;
                left = isKey ? map.KeyAt(at) : map.ValueAt(at);
                right = isKey ? other.KeyAt(otherAt) : other.ValueAt(otherAt);
                exact |= isKey;
                return true;
            }
        }
    }
}
