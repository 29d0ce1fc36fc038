using System.Diagnostics.CodeAnalysis;

namespace CloudScale;

/// <summary>A native record of OTP 29: values under names, of a type that a module has defined. It holds its names, so it needs no definition here.</summary>
/// <remarks>
/// Immutable. Equality is Erlang's <c>=:=</c>: of one module and name, exported or not, the same fields in the same order, the same values. In Erlang's order of types it stands
/// between tuples and maps. Wire: <c>67 | fields:u32 | exported:u8 | module:atom | name:atom | field:atom × fields | value:term × fields</c>. Only nodes since OTP 29
/// understand it; an older one drops the connection that brings it.
/// Source: measured at OTP 29, whose External Term Format document does not have it yet.
/// </remarks>
public sealed class NativeRecord : IEquatable<NativeRecord>
{
    internal const int FewFields = 16; // untuned; looking at all pairs costs less than a set

    private readonly Atom[] _fields;
    private readonly object[] _values;

    /// <summary>Makes a record of these fields, in the order of its definition.</summary>
    /// <param name="module">The module that defines the record.</param>
    /// <param name="name">The name it has there.</param>
    /// <param name="isExported">Whether other modules may look into it, and not only pass it on.</param>
    /// <param name="fields">Names and values.</param>
    /// <exception cref="ArgumentException">Two fields have one name, or a value is null.</exception>
    public NativeRecord(Atom module, Atom name, bool isExported, params ReadOnlySpan<(Atom Name, object Value)> fields)
        : this(module, name, isExported, new Atom[fields.Length], new object[fields.Length])
    {
        for (int i = 0; i < fields.Length; i++)
        {
            (Atom field, object value) = fields[i];
            ArgumentNullException.ThrowIfNull(field, nameof(fields));
            if (value is null)
                TermKinds.ThrowNoTerm(value);
            _fields[i] = field;
            _values[i] = value;
        }

        if (!AreDistinct(_fields))
            throw new ArgumentException("Two fields of the record have one name.", nameof(fields));
    }

    /// <summary>A record of names that differ. Owner: the record; the caller must not touch the arrays again, but to set the values before anybody sees it.</summary>
    internal NativeRecord(Atom module, Atom name, bool isExported, Atom[] fields, object[] values)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        Module = module;
        Name = name;
        IsExported = isExported;
        _fields = fields;
        _values = values;
    }

    /// <summary>The module that defines the record.</summary>
    public Atom Module { get; }

    /// <summary>The name it has there.</summary>
    public Atom Name { get; }

    /// <summary>Whether other modules may look into it, and not only pass it on. Told by whoever made it; nothing here heeds it.</summary>
    public bool IsExported { get; }

    /// <summary>The names of the fields, in the order of the definition.</summary>
    public ReadOnlySpan<Atom> Fields => _fields;

    /// <summary>The values, in the order of <see cref="Fields"/>.</summary>
    public ReadOnlySpan<object> Values => _values;

    /// <summary>The value of a field.</summary>
    /// <exception cref="KeyNotFoundException">The record has no such field.</exception>
    public object this[Atom field] =>
        TryGetValue(field, out object? value)
            ? value
            : throw new KeyNotFoundException($"The record {Module}:{Name} has no field {Term.Format(field)}.");

    /// <summary>The value of a field, if the record has it.</summary>
    public bool TryGetValue(Atom field, [MaybeNullWhen(false)] out object value)
    {
        int index = Array.IndexOf(_fields, field);
        value = index < 0 ? null : _values[index];
        return index >= 0;
    }

    /// <inheritdoc/>
    public bool Equals(NativeRecord? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NativeRecord other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <summary>The record as Erlang prints it: <c>#module:name{field = value}</c>.</summary>
    public override string ToString() => Term.Format(this);

    /// <summary>Where a decoder puts the values, before anybody else sees the record.</summary>
    internal object[] Unfinished => _values;

    /// <summary>Whether both are of one definition; says nothing about the values.</summary>
    internal bool HasDefinitionOf(NativeRecord other) =>
        ReferenceEquals(Module, other.Module)
        && ReferenceEquals(Name, other.Name)
        && IsExported == other.IsExported
        && (ReferenceEquals(_fields, other._fields) || _fields.AsSpan().SequenceEqual(other._fields));

    /// <summary>Whether no name is there twice.</summary>
    internal static bool AreDistinct(ReadOnlySpan<Atom> fields)
    {
        if (fields.Length > FewFields)
        {
            HashSet<Atom> seen = new(fields.Length);
            foreach (Atom field in fields)
                if (!seen.Add(field))
                    return false;
            return true;
        }

        for (int i = 1; i < fields.Length; i++)
            if (fields[..i].Contains(fields[i]))
                return false;
        return true;
    }
}
