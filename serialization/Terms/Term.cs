namespace CloudScale;

/// <summary>What holds for every term: equality, order, hash and printing.</summary>
public static class Term
{
    /// <summary>Erlang's <c>=:=</c>.</summary>
    public static bool AreEqual(object? left, object? right) => throw new NotImplementedException();

    /// <summary>Erlang's total term order.</summary>
    public static int Compare(object? left, object? right) => throw new NotImplementedException();

    /// <summary>A hash that agrees with <see cref="AreEqual"/>.</summary>
    public static int Hash(object? term) => throw new NotImplementedException();

    /// <summary>The term as Erlang's <c>~w</c>/<c>~p</c> prints it.</summary>
    public static string Format(object? term) => throw new NotImplementedException();
}
