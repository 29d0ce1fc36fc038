namespace CloudScale.Fuzz.Otp;

/// <summary>Which terms are the same to a release of OTP that knows funs by less than we do, and so than is written of them.</summary>
/// <remarks>
/// OTP 27 knows a fun by its module, index, both unique numbers and arity, but not by the old index; OTP 28 no longer by the old unique number either. Of what it does not know it by it
/// gives what it was told first, by whomever. Source: <c>fun_cmp</c> in <c>erl_fun.c</c>, and what each release does.
/// </remarks>
internal sealed class KnownFuns(int release)
{
    private const int MaxNesting = 64; // of keys in keys: they alone are compared by recursion

    public bool AreSame(object left, object right) => release >= 27 && AreSame(left, right, 0);

    /// <summary>Whether there is a map of which two keys are the same.</summary>
    public bool HaveSameKeys(object whole) =>
        release >= 27
        && Parts.Any(
            whole,
            (part, _) =>
                part is Map map
                && map.Keys.Where(key => Parts.Any(key, static (inKey, _) => inKey is Fun)).ToArray() is { Length: > 1 } keys
                && keys.Where((key, i) => keys.Take(i).Any(other => AreSame(key, other))).Any()
        );

    private bool AreSame(object left, object right, int nesting)
    {
        Stack<(object Left, object Right)> pairs = new([(left, right)]);
        while (pairs.TryPop(out (object Left, object Right) pair))
        {
            bool isSoFar = pair switch
            {
                (Fun one, Fun other) => IsSameFunction(one, other) && Push(one.FreeVariables, other.FreeVariables),
                (Tuple one, Tuple other) => Push([.. one], [.. other]),
                (List { Count: 0 }, List { Count: 0 }) => true,
                (List one, List other) => Push([.. one, one.Tail], [.. other, other.Tail]),
                (NativeRecord one, NativeRecord other) => one.Module == other.Module
                    && one.Name == other.Name
                    && one.IsExported == other.IsExported
                    && one.Fields.SequenceEqual(other.Fields)
                    && Push(one.Values, other.Values),
                (Map one, Map other) => one.Count == other.Count && one.All(entry => PushValue(entry, other)),
                _ => Term.AreEqual(pair.Left, pair.Right),
            };
            if (!isSoFar)
                return false;
        }

        return true;

        bool Push(ReadOnlySpan<object> ones, ReadOnlySpan<object> others)
        {
            if (ones.Length != others.Length)
                return false;
            for (int i = 0; i < ones.Length; i++)
                pairs.Push((ones[i], others[i]));
            return true;
        }

        bool PushValue(KeyValuePair<object, object> entry, Map other)
        {
            object? key =
                other.ContainsKey(entry.Key) ? entry.Key
                : nesting < MaxNesting ? other.Keys.FirstOrDefault(key => AreSame(entry.Key, key, nesting + 1))
                : null;
            if (key is null)
                return false;
            pairs.Push((entry.Value, other[key]));
            return true;
        }
    }

    private bool IsSameFunction(Fun one, Fun other) =>
        one.Module == other.Module
        && one.Arity == other.Arity
        && one.Uniq == other.Uniq
        && one.Index == other.Index
        && (release >= 28 || one.OldUniq == other.OldUniq);
}
