using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Random rows, patterns, match specifications and calls, from a small stock so that they meet.</summary>
internal sealed class EtsCaseGenerator(Random random)
{
    private static readonly string[] s_tests =
    [
        "is_atom",
        "is_float",
        "is_integer",
        "is_list",
        "is_number",
        "is_pid",
        "is_port",
        "is_reference",
        "is_tuple",
        "is_map",
        "is_binary",
        "is_function",
    ];
    private static readonly string[] s_comparisons = ["==", "/=", "=:=", "=/=", "<", "=<", ">", ">="];
    private static readonly string[] s_arithmetic = ["+", "-", "*", "/", "div", "rem", "band", "bor", "bxor"];
    private static readonly string[] s_unary =
    [
        "+",
        "-",
        "abs",
        "float",
        "trunc",
        "round",
        "bnot",
        "hd",
        "tl",
        "length",
        "size",
        "map_size",
        "byte_size",
        "bit_size",
        "not",
    ];

    private int _keyPosition = 1;

    /// <summary>The place of the key in the rows of the next table, from 1.</summary>
    internal int KeyPosition() => _keyPosition = random.Next(4) == 0 ? 2 : 1;

    internal object[] Rows(int most)
    {
        object[] rows = new object[random.Next(most)];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = Row();
        return rows;
    }

    internal Tuple Row() => random.Next(6) == 0 ? T(Key(), Key(), Value()) : T(Key(), random.Next(3) == 0 ? Value() : Key());

    internal Tuple Call()
    {
        switch (random.Next(26))
        {
            case 0:
                return T(A("insert"), L(random.Next(2) == 0 ? Row() : L(Rows(4))));
            case 1:
                return T(A("insert_new"), L(random.Next(2) == 0 ? Row() : L(Rows(3))));
            case 2:
                return T(A("lookup"), L(Key()));
            case 3:
                return T(A("lookup_element"), L(Key(), (long)random.Next(1, 4)));
            case 4:
                return T(A("member"), L(Key()));
            case 5:
                return T(A(random.Next(2) == 0 ? "take" : "delete"), L(Key()));
            case 6:
                return T(A("delete_object"), L(Row()));
            case 7 or 8 or 9:
                return random.Next(3) == 0
                    ? T(A("update_counter"), L(Key(), CounterOperations(), Row()))
                    : T(A("update_counter"), L(Key(), CounterOperations()));
            case 10:
                return T(A("update_element"), L(Key(), T((long)random.Next(1, 4), Value())));
            case 11 or 12:
                return T(A("match"), L(Pattern()));
            case 13:
                return T(A("match_object"), L(Pattern()));
            case 14:
                return T(A("match_delete"), L(Pattern()));
            case 15:
                return T(A("select_count"), L(Spec(boolean: true)));
            case 16:
                return T(A("select_delete"), L(Spec(boolean: true)));
            case 17 or 18:
                return T(A("select_replace"), L(L(Replacement())));
            case 19:
                return T(A("paged"), L(Spec(false), (long)random.Next(1, 5)));
            case 20:
                return T(A("paged_reverse"), L(Spec(false), (long)random.Next(1, 5)));
            case 21:
                return T(A("select_reverse"), L(Spec(false)));
            case 22:
                return T(A("tab2list"), List.Empty);
            default:
                return T(A("select"), L(Spec(false)));
        }
    }

    private object Key() =>
        random.Next(12) switch
        {
            0 => 1.0,
            1 => 2.0,
            2 => A("a"),
            3 => A("b"),
            4 => T(A("a"), (long)random.Next(3)),
            5 => T(A("b"), (long)random.Next(3), random.Next(2) == 0 ? 1.0 : 1L),
            6 => L(A("a"), (long)random.Next(3)),
            7 => L(A("a")),
            8 => Binary.FromUtf8("key"),
            _ => (long)random.Next(4),
        };

    private object Value() =>
        random.Next(9) switch
        {
            0 => Map.Of((A("k"), (long)random.Next(3)), (A("l"), 1L)),
            1 => Map.Of((A("k"), (long)random.Next(3))),
            2 => L(1L, 2L, T(A("x"), 1L)),
            3 => List.Empty,
            4 => System.Numerics.BigInteger.Pow(2, 70),
            5 => -1.5,
            6 => Atoms.True,
            7 => List.WithTail([1L, A("a")], A("b")),
            _ => Key(),
        };

    private object CounterOperations() =>
        random.Next(4) switch
        {
            0 => (long)random.Next(-3, 4),
            1 => T((long)random.Next(1, 4), (long)random.Next(-3, 4)),
            2 => T(2L, (long)random.Next(-3, 4), (long)random.Next(-2, 3), (long)random.Next(-9, 10)),
            _ => L(
                T(2L, 1L),
                T(2L, (long)random.Next(-3, 4), 0L, 5L),
                T((long)random.Next(2, 4), System.Numerics.BigInteger.Pow(2, random.Next(80)))
            ),
        };

    private object Variable() => A("$" + random.Next(1, 4));

    private object Pattern()
    {
        if (random.Next(12) == 0)
            return random.Next(2) == 0 ? A("_") : Variable();
        object[] elements = new object[random.Next(5) == 0 ? 3 : 2];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Part(2);
        // A map without variables matches the maps that have its keys. OTP 25 takes it for the key itself where the key stands, and finds nothing.
        if (elements[_keyPosition - 1] is { } key && HasMap(key) && !HasVariable(key))
            elements[_keyPosition - 1] = Variable();
        return T(elements);
    }

    private static bool HasMap(object part) => part is Map || Parts(part).Any(HasMap);

    private static bool HasVariable(object part) => part is Atom { Name: ['_'] or ['$', ..] } || Parts(part).Any(HasVariable);

    private static IEnumerable<object> Parts(object part) =>
        part switch
        {
            Tuple tuple => tuple,
            List { Count: > 0 } list => list.Append(list.Tail),
            Map map => map.Values,
            _ => [],
        };

    private object Part(int depth)
    {
        switch (random.Next(depth == 0 ? 4 : 9))
        {
            case 0:
                return A("_");
            case 1 or 2:
                return Variable();
            case 3:
                return Key();
            case 4:
                return T(A("a"), Part(depth - 1));
            case 5:
                return T(A("b"), Part(depth - 1), Part(depth - 1));
            case 6:
                return List.WithTail([A("a")], random.Next(2) == 0 ? Variable() : List.Empty);
            case 7:
                return Map.Of((A("k"), Part(depth - 1)));
            default:
                return L(A("a"), Part(depth - 1));
        }
    }

    private List Spec(bool boolean)
    {
        object[] clauses = new object[random.Next(4) == 0 ? 2 : 1];
        for (int i = 0; i < clauses.Length; i++)
        {
            object[] guards = new object[random.Next(3)];
            for (int g = 0; g < guards.Length; g++)
                guards[g] = Test(2);
            clauses[i] = T(Pattern(), L(guards), L(boolean ? (random.Next(2) == 0 ? Atoms.True : Test(1)) : Body(2)));
        }

        return L(clauses);
    }

    private Tuple Replacement()
    {
        object key = random.Next(3) == 0 ? Key() : Variable();
        object kept = random.Next(3) switch
        {
            0 => T(A("element"), (long)random.Next(1, 3), A("$_")),
            1 => T(A("const"), key),
            _ => key is Tuple tuple ? T(tuple) : key,
        };
        object body = random.Next(6) == 0 ? A("$_") : T(T(kept, Body(1)));
        return T(T(key, A("$3")), random.Next(2) == 0 ? List.Empty : L(Test(1)), L(body));
    }

    private object Test(int depth) =>
        random.Next(depth == 0 ? 2 : 6) switch
        {
            0 => T(A(s_tests[random.Next(s_tests.Length)]), Body(depth - 1)),
            1 => T(A(s_comparisons[random.Next(s_comparisons.Length)]), Body(depth - 1), Body(depth - 1)),
            2 => T(A(random.Next(2) == 0 ? "and" : "or"), Test(depth - 1), Test(depth - 1)),
            3 => T(A(random.Next(2) == 0 ? "andalso" : "orelse"), Test(depth - 1), Test(depth - 1)),
            4 => T(A("not"), Test(depth - 1)),
            _ => T(A("xor"), Test(depth - 1), Test(depth - 1)),
        };

    private object Body(int depth)
    {
        switch (random.Next(depth <= 0 ? 5 : 12))
        {
            case 0:
                return A("$_");
            case 1:
                return A("$$");
            case 2 or 3:
                return Variable();
            case 4:
                return T(A("const"), Value());
            case 5:
                return T(
                    A(s_arithmetic[random.Next(s_arithmetic.Length)]),
                    Body(depth - 1),
                    random.Next(2) == 0 ? (long)random.Next(-3, 4) : Body(depth - 1)
                );
            case 6:
                return T(A(s_unary[random.Next(s_unary.Length)]), Body(depth - 1));
            case 7:
                return T(A("element"), (long)random.Next(1, 3), Body(depth - 1));
            case 8:
                return T(T(Body(depth - 1), Body(depth - 1)));
            case 9:
                return List.WithTail([Body(depth - 1)], random.Next(2) == 0 ? Body(depth - 1) : List.Empty);
            case 10:
                // No map is built: of one with '$$' in it OTP 25.2.3 gives garbage, and dies of it some calls later.
                return T(A("map_size"), T(A("const"), Value()));
            default:
                return T(A(random.Next(2) == 0 ? "map_get" : "is_map_key"), A("k"), T(A("const"), Map.Of((A("k"), Value()))));
        }
    }
}
