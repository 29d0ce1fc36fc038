namespace CloudScale;

/// <summary>What term a contract stands for.</summary>
public enum TermShape
{
    /// <summary>
    /// <c>{tag, M1, M2}</c> with a tag, <c>{M1, M2}</c> without one. A member's position is that of its property or parameter; null is <c>undefined</c>.
    /// </summary>
    Tuple,

    /// <summary><c>#{m1 => M1, m2 => M2}</c>, with keys by <see cref="TermAttribute.Keys"/>; null is <c>undefined</c>. Unknown keys are passed over.</summary>
    Map,

    /// <summary>An Erlang record, <c>#tag{m1 = M1, m2 = M2}</c>: the tuple <c>{tag, M1, M2}</c> whose tag is required; null is <c>undefined</c>.</summary>
    Record,

    /// <summary>An Elixir struct, <c>%Tag{m1: M1}</c>: a map with atom keys whose <c>__struct__</c> is the module <c>'Elixir.Tag'</c>; null is <c>nil</c>.</summary>
    Struct,

    /// <summary>
    /// A keyword list or proplist, <c>[{m1, M1}, {m2, M2}]</c>. A bare atom stands for <c>{Atom, true}</c>; the first of two entries with one key counts; unknown entries
    /// are passed over; null is left out.
    /// </summary>
    Keywords,

    /// <summary>The tag alone, for types without members: <c>stop</c>.</summary>
    Atom,
}

/// <summary>What the keys of a map are.</summary>
public enum TermKeys
{
    /// <summary>Atoms.</summary>
    Atom,

    /// <summary>Binaries of UTF-8, as decoded JSON has them.</summary>
    Binary,

    /// <summary>Erlang strings: lists of characters up to U+00FF.</summary>
    Charlist,
}

/// <summary>What a <see cref="string"/> is.</summary>
public enum TermText
{
    /// <summary>A binary of UTF-8: what Elixir and today's Erlang mean by text.</summary>
    Binary,

    /// <summary>An atom. Reading makes none; writing makes none either.</summary>
    Atom,

    /// <summary>A list of code points: what Erlang calls a string. Read from a list of integers or a STRING_EXT.</summary>
    Charlist,
}

/// <summary>Which atom null is.</summary>
public enum TermNull
{
    /// <summary><c>nil</c> in a <see cref="TermShape.Struct"/>, else <c>undefined</c>.</summary>
    ByShape,

    /// <summary><c>undefined</c>, as Erlang's records have it.</summary>
    Undefined,

    /// <summary><c>nil</c>, as Elixir has it.</summary>
    Nil,

    /// <summary><c>null</c>, as JSON libraries of Erlang have it.</summary>
    Null,
}

/// <summary>What a point in time or a duration is.</summary>
public enum TermTime
{
    /// <summary>
    /// Points in time (<see cref="DateTime"/>, <see cref="DateTimeOffset"/>) and durations (<see cref="TimeSpan"/>) as milliseconds, <see cref="DateOnly"/> and
    /// <see cref="TimeOnly"/> as <see cref="Calendar"/>.
    /// </summary>
    Default,

    /// <summary>An integer of seconds; of Unix time for a point in time, as <c>erlang:system_time(second)</c>. What is finer is cut off.</summary>
    Seconds,

    /// <summary>An integer of milliseconds, as <c>erlang:system_time(millisecond)</c> and Erlang's timeouts. What is finer is cut off.</summary>
    Milliseconds,

    /// <summary>An integer of microseconds. What is finer is cut off.</summary>
    Microseconds,

    /// <summary>An integer of nanoseconds; .NET counts in hundreds of them.</summary>
    Nanoseconds,

    /// <summary>
    /// As module <c>calendar</c> has it, in UTC, without fractions of a second: <c>{{Year, Month, Day}, {Hour, Minute, Second}}</c>, <c>{Year, Month, Day}</c> for a
    /// <see cref="DateOnly"/>, <c>{Hour, Minute, Second}</c> for a <see cref="TimeOnly"/>.
    /// </summary>
    Calendar,

    /// <summary>
    /// Elixir's structs: <c>%DateTime{}</c> in UTC for a <see cref="DateTimeOffset"/>, <c>%NaiveDateTime{}</c> for a <see cref="DateTime"/>, <c>%Date{}</c> for a <see cref="DateOnly"/>, <c>%Time{}</c> for a
    /// <see cref="TimeOnly"/>; to the microsecond, written with six places.
    /// </summary>
    Elixir,
}

/// <summary>What a <see cref="decimal"/> is.</summary>
public enum TermDecimal
{
    /// <summary>A binary of its digits, <c>12.50</c>.</summary>
    Binary,

    /// <summary>The struct <c>%Decimal{sign: 1, coef: 1250, exp: -2}</c> of Elixir's package decimal.</summary>
    Elixir,
}

/// <summary>What a <see cref="System.Guid"/> is.</summary>
public enum TermGuid
{
    /// <summary>A binary of 16 bytes in the order of RFC 9562.</summary>
    Binary,

    /// <summary>A binary of 36 characters, <c>f81d4fae-7dec-11d0-a765-00a0c91e6bf6</c>.</summary>
    Text,
}
