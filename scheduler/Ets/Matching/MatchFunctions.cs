using System.Collections.Frozen;
using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>A function of a match specification; the arguments are in the form that decoders yield, null is an error.</summary>
internal delegate object? MatchFunction(object[] arguments, MatchScope scope);

/// <summary>The functions that guards and bodies of tables may call.</summary>
/// <remarks>Source: ERTS User's Guide, Match Specifications in Erlang, as of OTP 28 without those for tracing.</remarks>
internal static partial class MatchFunctions
{
    private static readonly FrozenDictionary<(string Name, int Arity), MatchFunction> s_functions = Build();

    internal static MatchFunction? Find(Atom name, int arity) => s_functions.GetValueOrDefault((name.Name, arity));

    internal static bool TryTruth(object value, out bool truth)
    {
        object? canonical = Terms.Canonical(value);
        truth = ReferenceEquals(canonical, Atoms.True);
        return truth || ReferenceEquals(canonical, Atoms.False);
    }

    private static FrozenDictionary<(string Name, int Arity), MatchFunction> Build()
    {
        Dictionary<(string, int), MatchFunction> all = new()
        {
            [("is_atom", 1)] = Is(static x => x is Atom),
            [("is_float", 1)] = Is(static x => x is double),
            [("is_integer", 1)] = Is(static x => x is long or BigInteger),
            [("is_list", 1)] = Is(static x => x is List),
            [("is_number", 1)] = Is(static x => x is long or BigInteger or double),
            [("is_pid", 1)] = Is(static x => x is Pid),
            [("is_port", 1)] = Is(static x => x is Port),
            [("is_reference", 1)] = Is(static x => x is Reference),
            [("is_tuple", 1)] = Is(static x => x is Tuple),
            [("is_map", 1)] = Is(static x => x is Map),
            [("is_binary", 1)] = Is(static x => x is Binary),
            [("is_bitstring", 1)] = Is(static x => x is Binary or BitString),
            [("is_boolean", 1)] = Is(static x => ReferenceEquals(x, Atoms.True) || ReferenceEquals(x, Atoms.False)),
            [("is_function", 1)] = Is(static x => x is Fun or ExternalFun),
            [("is_map_key", 2)] = static (a, _) => a[1] is Map map ? Terms.Truth(map.ContainsKey(a[0])) : null,
            [("is_record", 3)] = IsRecord,
            [("not", 1)] = static (a, _) => TryTruth(a[0], out bool truth) ? Terms.Truth(!truth) : null,
            [("xor", 2)] = static (a, _) =>
                TryTruth(a[0], out bool left) && TryTruth(a[1], out bool right) ? Terms.Truth(left != right) : null,
            [("==", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) == 0),
            [("/=", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) != 0),
            [("=:=", 2)] = static (a, _) => Terms.Truth(Term.AreEqual(a[0], a[1])),
            [("=/=", 2)] = static (a, _) => Terms.Truth(!Term.AreEqual(a[0], a[1])),
            [("<", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) < 0),
            [("=<", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) <= 0),
            [(">", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) > 0),
            [(">=", 2)] = static (a, _) => Terms.Truth(Term.Compare(a[0], a[1]) >= 0),
            [("element", 2)] = static (a, _) =>
                a[0] is long n && a[1] is Tuple tuple && n >= 1 && n <= tuple.Count ? tuple[(int)n - 1] : null,
            [("hd", 1)] = static (a, _) => a[0] is List { Count: > 0 } list ? list[0] : null,
            [("tl", 1)] = static (a, _) =>
                a[0] is List { Count: > 0 } list ? (list.Count == 1 ? list.Tail : list.Slice(1, list.Count - 1)) : null,
            [("length", 1)] = static (a, _) => a[0] is List { IsProper: true } list ? (long)list.Count : null,
            [("map_get", 2)] = static (a, _) => a[1] is Map map && map.TryGetValue(a[0], out object? value) ? value : null,
            [("map_size", 1)] = static (a, _) => a[0] is Map map ? (long)map.Count : null,
            [("tuple_size", 1)] = static (a, _) => a[0] is Tuple tuple ? (long)tuple.Count : null,
            [("size", 1)] = static (a, _) =>
                a[0] is Tuple tuple ? (long)tuple.Count
                : BitsOf(a[0]) is { } bits ? bits / 8
                : null,
            [("byte_size", 1)] = static (a, _) => BitsOf(a[0]) is { } bits ? (bits + 7) / 8 : null,
            [("bit_size", 1)] = static (a, _) => BitsOf(a[0]) is { } bits ? bits : null,
            [("binary_part", 2)] = static (a, _) => a[1] is Tuple and [var start, var length] ? BinaryPart(a[0], start, length) : null,
            [("binary_part", 3)] = static (a, _) => BinaryPart(a[0], a[1], a[2]),
            [("max", 2)] = static (a, _) => Term.Compare(a[0], a[1]) >= 0 ? a[0] : a[1],
            [("min", 2)] = static (a, _) => Term.Compare(a[0], a[1]) <= 0 ? a[0] : a[1],
            [("node", 0)] = static (_, scope) => scope.Node,
            [("node", 1)] = static (a, _) => NodeOf(a[0]),
            [("self", 0)] = static (_, scope) => scope.Self,
        };
        AddArithmetic(all);
        return all.ToFrozenDictionary();
    }

    private static MatchFunction Is(Func<object, bool> test) => (a, _) => Terms.Truth(test(a[0]));

    // is_record(Term, Name, Size): the name must be an atom, the size an integer.
    private static object? IsRecord(object[] a, MatchScope scope) =>
        a[1] is Atom name && a[2] is long size
            ? Terms.Truth(a[0] is Tuple { Count: > 0 } tuple && tuple.Count == size && ReferenceEquals(tuple[0], name))
            : null;

    private static long? BitsOf(object term) =>
        term switch
        {
            Binary binary => binary.Span.Length * 8L,
            BitString bits => bits.BitLength,
            _ => null,
        };

    private static Binary? BinaryPart(object binary, object start, object length)
    {
        if (binary is not Binary whole || Terms.Canonical(start) is not long at || Terms.Canonical(length) is not long count)
            return null;
        if (count < 0) // counts back from the start
            (at, count) = (unchecked(at + count), unchecked(-count));
        int size = whole.Span.Length;
        return at < 0 || count < 0 || at > size || count > size - at ? null : new Binary(whole.Memory.Slice((int)at, (int)count));
    }

    private static Atom? NodeOf(object term) =>
        term switch
        {
            Pid pid => pid.Node?.Name,
            Reference reference => reference.Node?.Name,
            Port port => port.Node?.Name,
            _ => null,
        };
}
