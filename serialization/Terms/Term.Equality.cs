using System.Numerics;

namespace CloudScale;

public static partial class Term
{
    private static class Equality
    {
        private enum Step
        {
            Equal,
            Different,
            Descend, // same shape; the contents decide
        }

        public static bool Compare(object? left, object? right)
        {
            Step step = CompareShape(ref left, ref right);
            return step == Step.Descend ? CompareContents(left!, right!) : step == Step.Equal;
        }

        private static bool CompareContents(object left, object right)
        {
            using Walk<Frame> parents = new();
            Frame frame = new(left, right);
            while (true)
            {
                Step step = frame.Next(out object? l, out object? r);
                if (step == Step.Equal) // this pair is done
                {
                    if (!parents.TryPop(out frame))
                        return true;
                    continue;
                }

                if (step == Step.Different)
                    return false;
                if (ReferenceEquals(l, r) && l is not null)
                    continue;
                step = CompareShape(ref l, ref r);
                if (step == Step.Different)
                    return false;
                if (step == Step.Equal)
                    continue;
                parents.Push(frame);
                frame = new Frame(l!, r!);
            }
        }

        private static Step CompareShape(ref object? left, ref object? right)
        {
            TermKind kind = TermKinds.ClassifyOrThrow(ref left);
            TermKind other = TermKinds.ClassifyOrThrow(ref right);
            if (kind != other)
                return Step.Different;
            switch (kind)
            {
                case TermKind.Integer:
                    return Answer((long)left == (long)right);
                case TermKind.Atom:
                    return Answer(ReferenceEquals(left, right));
                case TermKind.Float:
                    return Answer((double)left == (double)right);
                case TermKind.Pid:
                    return Answer(((Pid)left).Equals((Pid)right));
                case TermKind.Reference:
                    return Answer(((Reference)left).Equals((Reference)right));
                case TermKind.Tuple:
                    return Enter(((Tuple)left).Count, ((Tuple)right).Count);
                case TermKind.List:
                    return CompareListShape((List)left, (List)right);
                case TermKind.Map:
                    Map map = (Map)left;
                    Map otherMap = (Map)right;
                    if (map.CachedHash != 0 && otherMap.CachedHash != 0 && map.CachedHash != otherMap.CachedHash)
                        return Step.Different;
                    return Enter(map.Count, otherMap.Count);
                case TermKind.Nil:
                    return Step.Equal;
                case TermKind.Fun:
                    return ((Fun)left).SameFunction((Fun)right) ? Step.Descend : Step.Different;
                case TermKind.NativeRecord:
                    return ((NativeRecord)left).HasDefinitionOf((NativeRecord)right) ? Step.Descend : Step.Different;
                case TermKind.BigInteger:
                    return Answer((BigInteger)left == (BigInteger)right);
                default: // Binary, BitString, ExternalFun, Port: equality by value, no terms inside
                    return Answer(left.Equals(right));
            }
        }

        private static Step CompareListShape(List left, List right)
        {
            if (left.Count != right.Count || left.IsProper != right.IsProper)
                return Step.Different;
            if (!left.TryGetBytes(out ReadOnlySpan<byte> leftBytes) || !right.TryGetBytes(out ReadOnlySpan<byte> rightBytes))
                return Step.Descend;
            if (!leftBytes.SequenceEqual(rightBytes))
                return Step.Different;
            return left.IsProper ? Step.Equal : Step.Descend;
        }

        private static Step Answer(bool equal) => equal ? Step.Equal : Step.Different;

        private static Step Enter(int count, int other)
        {
            if (count != other)
                return Step.Different;
            return count == 0 ? Step.Equal : Step.Descend;
        }

        /// <summary>Two terms of one shape, and how far their contents have been compared.</summary>
        private struct Frame(object left, object right)
        {
            private readonly object _left = left;
            private readonly object _right = right;
            private int _index;
            private int _match = -1; // map: where the key of the current entry is in the other map; -2: walk both in key order
            private bool _matched;

            /// <summary>Gives the next pair (Descend), or says that there is none (Equal) or that the two differ.</summary>
            public Step Next(out object? left, out object? right)
            {
                left = null;
                right = null;
                switch (_left)
                {
                    case Tuple tuple:
                        if (_index == tuple.Count)
                            return Step.Equal;
                        left = tuple[_index];
                        right = ((Tuple)_right)[_index++];
                        return Step.Descend;
                    case List list:
                        List otherList = (List)_right;
                        if (_index == list.Count)
                        {
                            _index++;
                            left = list.Tail;
                            right = otherList.Tail;
                            return list.IsProper ? Step.Equal : Step.Descend;
                        }

                        if (_index > list.Count)
                            return Step.Equal;
                        left = list[_index];
                        right = otherList[_index++];
                        return Step.Descend;
                    case Fun fun:
                        if (_index == fun.FreeVariables.Length)
                            return Step.Equal;
                        left = fun.FreeVariables[_index];
                        right = ((Fun)_right).FreeVariables[_index++];
                        return Step.Descend;
                    case NativeRecord record:
                        if (_index == record.Values.Length)
                            return Step.Equal;
                        left = record.Values[_index];
                        right = ((NativeRecord)_right).Values[_index++];
                        return Step.Descend;
                    default:
                        return NextOfMaps((Map)_left, (Map)_right, out left, out right);
                }
            }

            // Keys are paired by hash. Where a hash is ambiguous, both maps are walked in key order instead: a search by equality would recurse.
            private Step NextOfMaps(Map map, Map other, out object? left, out object? right)
            {
                left = null;
                right = null;
                if (_match == -2)
                    return NextInOrder(map, other, out left, out right);
                if (_matched)
                {
                    left = map.ValueAt(_index++);
                    right = other.ValueAt(_match);
                    _matched = false;
                    return Step.Descend;
                }

                if (_index == map.Count)
                    return Step.Equal;
                _match = other.FindUnique(map.KeyHashAt(_index));
                if (_match == -1)
                    return Step.Different;
                if (_match == -2)
                {
                    _index = 0;
                    return NextInOrder(map, other, out left, out right);
                }

                _matched = true;
                left = map.KeyAt(_index);
                right = other.KeyAt(_match);
                return Step.Descend;
            }

            private Step NextInOrder(Map map, Map other, out object? left, out object? right)
            {
                left = null;
                right = null;
                if (_index == 2 * map.Count)
                    return Step.Equal;
                int at = map.Order[_index >> 1];
                int otherAt = other.Order[_index >> 1];
                bool isKey = (_index++ & 1) == 0;
                left = isKey ? map.KeyAt(at) : map.ValueAt(at);
                right = isKey ? other.KeyAt(otherAt) : other.ValueAt(otherAt);
                return Step.Descend;
            }
        }
    }
}
