namespace CloudScale.Scheduling;

/// <summary>What a guard or body is evaluated with: one object, its bindings, and who asks.</summary>
internal sealed class MatchScope(Pid self, Atom node)
{
    internal object?[] Bindings = [];
    internal object Whole = Tuple.Empty;

    /// <summary>What a call that fails gives: nothing in a guard, which fails then; in a body <c>'EXIT'</c>, and the rest goes on with it.</summary>
    internal object? Failure;

    internal Pid Self => self;

    internal Atom Node => node;

    /// <summary>Room for the variables of the clause that is tried next; what the one before has bound is void.</summary>
    internal object?[] Make(int variables) => Bindings.Length == variables ? Bindings : Bindings = new object?[variables];
}

/// <summary>A part of a guard or body.</summary>
internal abstract class Expression
{
    /// <summary>The value; null where a guard fails.</summary>
    internal abstract object? Evaluate(MatchScope scope);
}

/// <summary>A literal, or <c>{const, Term}</c>.</summary>
internal sealed class ConstantExpression(object term) : Expression
{
    internal object Term => term;

    internal override object? Evaluate(MatchScope scope) => term;
}

/// <summary><c>'$1'</c></summary>
internal sealed class VariableExpression(int slot) : Expression
{
    internal int Slot => slot;

    internal override object? Evaluate(MatchScope scope) => scope.Bindings[slot];
}

/// <summary><c>'$_'</c></summary>
internal sealed class WholeExpression : Expression
{
    internal override object? Evaluate(MatchScope scope) => scope.Whole;
}

/// <summary><c>{element, N, '$_'}</c>: a call like others, but select_replace asks for its form.</summary>
internal sealed class ElementOfWholeExpression(long position) : Expression
{
    internal long Position => position;

    internal override object? Evaluate(MatchScope scope) =>
        scope.Whole is Tuple tuple && position >= 1 && position <= tuple.Count ? tuple[(int)position - 1] : scope.Failure;
}

/// <summary><c>'$$'</c>: the variables in the order of their numbers.</summary>
internal sealed class AllVariablesExpression : Expression
{
    internal override object? Evaluate(MatchScope scope) => List.Create(scope.Bindings!);
}

/// <summary><c>{{A, B}}</c></summary>
internal sealed class TupleExpression(Expression[] elements) : Expression
{
    internal Expression[] Elements => elements;

    internal override object? Evaluate(MatchScope scope) => EvaluateAll(elements, scope) is { } values ? Tuple.Create(values) : null;

    internal static object[]? EvaluateAll(Expression[] expressions, MatchScope scope)
    {
        object[] values = new object[expressions.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (expressions[i].Evaluate(scope) is not { } value)
                return null;
            values[i] = value;
        }

        return values;
    }
}

/// <summary><c>[A, B | C]</c></summary>
internal sealed class ListExpression(Expression[] elements, Expression tail) : Expression
{
    internal Expression[] Elements => elements;

    internal Expression Tail => tail;

    internal override object? Evaluate(MatchScope scope)
    {
        if (TupleExpression.EvaluateAll(elements, scope) is not { } values || tail.Evaluate(scope) is not { } rest)
            return null;
        return List.WithTail(values, Terms.Canonical(rest));
    }
}

/// <summary><c>#{K => V}</c></summary>
internal sealed class MapExpression(Expression[] keys, Expression[] values) : Expression
{
    internal override object? Evaluate(MatchScope scope)
    {
        Map map = Map.Empty;
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].Evaluate(scope) is not { } key || values[i].Evaluate(scope) is not { } value)
                return null;
            map = map.With(key, value); // of equal keys the last counts
        }

        return map;
    }
}

/// <summary>A function of values.</summary>
internal sealed class CallExpression(MatchFunction function, Expression[] arguments) : Expression
{
    internal override object? Evaluate(MatchScope scope)
    {
        if (TupleExpression.EvaluateAll(arguments, scope) is not { } values)
            return null;
        for (int i = 0; i < values.Length; i++)
            values[i] = Terms.Canonical(values[i]);
        return function(values, scope) ?? scope.Failure;
    }
}

/// <summary><c>{'and', …}</c>, <c>{'or', …}</c>: all arguments are evaluated, and must be booleans.</summary>
internal sealed class BooleanExpression(bool isAnd, Expression[] arguments) : Expression
{
    internal override object? Evaluate(MatchScope scope)
    {
        bool result = isAnd;
        foreach (Expression argument in arguments)
        {
            if (argument.Evaluate(scope) is not { } value || !MatchFunctions.TryTruth(value, out bool truth))
                return scope.Failure;
            result = isAnd ? result && truth : result || truth;
        }

        return Terms.Truth(result);
    }
}

/// <summary><c>{'andalso', …}</c>, <c>{'orelse', …}</c>: stops where the answer is known; the last argument may be anything.</summary>
internal sealed class ShortCircuitExpression(bool isAnd, Expression[] arguments) : Expression
{
    internal override object? Evaluate(MatchScope scope)
    {
        for (int i = 0; i < arguments.Length - 1; i++)
        {
            if (arguments[i].Evaluate(scope) is not { } value || !MatchFunctions.TryTruth(value, out bool truth))
                return scope.Failure;
            if (truth != isAnd)
                return Terms.Truth(truth);
        }

        return arguments[^1].Evaluate(scope);
    }
}
