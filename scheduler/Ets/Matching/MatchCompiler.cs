using System.Globalization;

namespace CloudScale.Scheduling;

/// <summary>Compiles one clause of a match specification.</summary>
internal sealed class MatchCompiler
{
    private const int MaxDepth = 200; // of patterns and expressions, which are walked by recursion

    private static readonly Atom s_any = Atom.Of("_");
    private static readonly Atom s_whole = Atom.Of("$_");
    private static readonly Atom s_all = Atom.Of("$$");
    private static readonly Atom s_const = Atom.Of("const");

    private readonly SortedDictionary<int, int> _slots = [];
    private readonly HashSet<int> _bound = [];

    private MatchCompiler(object head)
    {
        List<int> numbers = [];
        CollectVariables(head, numbers, 0);
        foreach (int number in numbers)
            _slots[number] = 0;
        int slot = 0;
        foreach (int number in (int[])[.. _slots.Keys])
            _slots[number] = slot++;
    }

    /// <summary>Compiles <c>{Head, [Guard], [Body]}</c>.</summary>
    internal static MatchClause Compile(object clause)
    {
        if (clause is not (Tuple and [var head, List { IsProper: true } guards, List { IsProper: true, Count: > 0 } body]))
            throw new EtsException(
                $"A clause of a match specification is {{Head, [Guard], [Body, …]}}, not {Term.Format(clause)} (badarg)."
            );
        MatchCompiler compiler = new(head);
        Pattern pattern = compiler.CompilePattern(head, 0);
        Expression[] tests = compiler.CompileAll(guards, 0);
        Expression[] results = compiler.CompileAll(body, 0);
        return new MatchClause(pattern, tests, results[^1], results.Length == 1, compiler._slots.Count);
    }

    /// <summary>A clause with a head alone: what <c>match</c> and its kin take.</summary>
    internal static MatchClause CompileHead(object head, Func<Expression> body)
    {
        MatchCompiler compiler = new(head);
        return new MatchClause(compiler.CompilePattern(head, 0), [], body(), true, compiler._slots.Count);
    }

    /// <summary>The number of <c>'$N'</c>; −1 for any other term.</summary>
    private static int VariableNumber(object term)
    {
        if (term is not Atom { Name: { Length: > 1 and < 11 } name } || name[0] != '$' || (name[1] == '0' && name.Length > 2))
            return -1;
        return int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
    }

    private static void CollectVariables(object term, List<int> numbers, int depth)
    {
        CheckDepth(depth);
        switch (Terms.Canonical(term))
        {
            case Atom atom when VariableNumber(atom) is >= 0 and int number:
                numbers.Add(number);
                break;
            case Tuple tuple:
                foreach (object element in tuple)
                    CollectVariables(element, numbers, depth + 1);
                break;
            case List list:
                foreach (object element in list)
                    CollectVariables(element, numbers, depth + 1);
                if (!list.IsProper)
                    CollectVariables(list.Tail, numbers, depth + 1);
                break;
            case Map map:
                foreach (KeyValuePair<object, object> entry in map)
                {
                    if (!IsGround(entry.Key, depth + 1))
                        EtsException.Throw(
                            $"The keys of a map in a match head are without variables; not {Term.Format(entry.Key)} (badarg)."
                        );
                    CollectVariables(entry.Value, numbers, depth + 1);
                }

                break;
        }
    }

    private static bool IsGround(object term, int depth)
    {
        CheckDepth(depth);
        switch (Terms.Canonical(term))
        {
            case Atom atom:
                return !ReferenceEquals(atom, s_any) && VariableNumber(atom) < 0;
            case Tuple tuple:
                foreach (object element in tuple)
                {
                    if (!IsGround(element, depth + 1))
                        return false;
                }

                return true;
            case List list:
                foreach (object element in list)
                {
                    if (!IsGround(element, depth + 1))
                        return false;
                }

                return list.IsProper || IsGround(list.Tail, depth + 1);
            case Map: // a map in a head matches larger ones too, so it is never a constant
                return false;
            default:
                return true;
        }
    }

    private Pattern CompilePattern(object term, int depth)
    {
        object canonical = Terms.Canonical(term);
        if (IsGround(canonical, depth))
            return new ConstantPattern(canonical);
        switch (canonical)
        {
            case Atom atom when ReferenceEquals(atom, s_any):
                return AnyPattern.Instance;
            case Atom atom:
                int number = VariableNumber(atom);
                return new VariablePattern(_slots[number], _bound.Add(number));
            case Tuple tuple:
                Pattern[] elements = new Pattern[tuple.Count];
                for (int i = 0; i < elements.Length; i++)
                    elements[i] = CompilePattern(tuple[i], depth + 1);
                return new TuplePattern(elements);
            case List list:
                Pattern[] parts = new Pattern[list.Count];
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = CompilePattern(list[i], depth + 1);
                return new ListPattern(parts, CompilePattern(list.Tail, depth + 1));
            default:
                Map map = (Map)canonical;
                (object, Pattern)[] entries = new (object, Pattern)[map.Count];
                int at = 0;
                foreach (KeyValuePair<object, object> entry in map)
                    entries[at++] = (entry.Key, CompilePattern(entry.Value, depth + 1));
                return new MapPattern(entries);
        }
    }

    private Expression[] CompileAll(IReadOnlyList<object> terms, int depth)
    {
        Expression[] all = new Expression[terms.Count];
        for (int i = 0; i < all.Length; i++)
            all[i] = CompileExpression(terms[i], depth);
        return all;
    }

    private Expression CompileExpression(object term, int depth)
    {
        CheckDepth(depth);
        object canonical = Terms.Canonical(term);
        switch (canonical)
        {
            case Atom atom when ReferenceEquals(atom, s_whole):
                return new WholeExpression();
            case Atom atom when ReferenceEquals(atom, s_all):
                return new AllVariablesExpression();
            case Atom atom when VariableNumber(atom) is >= 0 and int number:
                if (!_slots.TryGetValue(number, out int slot))
                    EtsException.Throw($"Variable ${number} is unbound (badarg).");
                return new VariableExpression(slot);
            case Tuple tuple:
                return CompileTuple(tuple, depth);
            case List { Count: > 0 } list:
                Expression[] parts = CompileAll(list, depth + 1);
                Expression tail = CompileExpression(list.Tail, depth + 1);
                if (tail is ConstantExpression rest && Array.TrueForAll(parts, part => part is ConstantExpression))
                    return new ConstantExpression(List.WithTail([.. parts.Select(part => ((ConstantExpression)part).Term)], rest.Term));
                return new ListExpression(parts, tail);
            case Map { Count: > 0 } map:
                return new MapExpression(CompileAll([.. map.Keys], depth + 1), CompileAll([.. map.Values], depth + 1));
            default:
                return new ConstantExpression(canonical);
        }
    }

    private Expression CompileTuple(Tuple tuple, int depth)
    {
        switch (tuple)
        {
            case [Tuple built]:
                return new TupleExpression(CompileAll(built, depth + 1));
            case [Atom name, var constant] when ReferenceEquals(name, s_const):
                return new ConstantExpression(constant);
            case [Atom { Name: "element" }, var position, Atom whole]
                when ReferenceEquals(whole, s_whole) && Terms.Canonical(position) is long number:
                return new ElementOfWholeExpression(number);
            case [Atom { Name: "and" or "or" } name, _, ..]:
                return new BooleanExpression(name.Name == "and", CompileAll(tuple.Slice(1, tuple.Count - 1), depth + 1));
            case [Atom { Name: "andalso" or "orelse" } name, _, ..]:
                return new ShortCircuitExpression(name.Name == "andalso", CompileAll(tuple.Slice(1, tuple.Count - 1), depth + 1));
            case [Atom name, ..]:
                MatchFunction? function = MatchFunctions.Find(name, tuple.Count - 1);
                if (function is null)
                    EtsException.Throw($"A match specification cannot call {Term.Format(name)}/{tuple.Count - 1} (badarg).");
                return new CallExpression(function!, CompileAll(tuple.Slice(1, tuple.Count - 1), depth + 1));
            default:
                throw new EtsException($"{tuple} is neither a call nor {{{{…}}}}, which makes a tuple, nor {{const, Term}} (badarg).");
        }
    }

    private static void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
            EtsException.Throw($"A match specification nests at most {MaxDepth} deep; put deeper terms into {{const, Term}} (badarg).");
    }
}
