namespace CloudScale.Contracts.Samples;

/// <summary>Dates, times and decimal numbers as Elixir has them.</summary>
[Term("dates")]
public sealed partial record Dates(
    [property: TermMember(Time = TermTime.Elixir)] DateTimeOffset Moment,
    [property: TermMember(Time = TermTime.Elixir)] DateTime Naive,
    [property: TermMember(Time = TermTime.Elixir)] DateOnly Date,
    [property: TermMember(Time = TermTime.Elixir)] TimeOnly Time,
    [property: TermMember(Decimal = TermDecimal.Elixir)] decimal Price,
    [property: TermMember(Time = TermTime.Elixir)] DateOnly? NoDate,
    [property: TermMember(Decimal = TermDecimal.Elixir)] decimal[] Prices
);

/// <summary>A struct as a schema of Ecto would have it.</summary>
[Term("Shop.Invoice", Shape = TermShape.Struct)]
public sealed partial record Invoice(
    long Id,
    [property: TermMember(Decimal = TermDecimal.Elixir)] decimal Total,
    [property: TermMember(Time = TermTime.Elixir)] DateOnly Due,
    [property: TermMember(Time = TermTime.Elixir)] DateTime? PaidAt = null
);

/// <summary>Processes that take messages of one type.</summary>
[Term("subscribe")]
public sealed partial record Subscribe(Pid<Command> To, Pid<Reply>? Failures, List<Pid<Ping>> Others);
