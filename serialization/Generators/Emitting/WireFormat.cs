using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>A form in which contracts go over the wire: the names of its reader and writer, and what of it is known when the program is built.</summary>
/// <remarks>The readers and writers of both forms have methods of the same names, so one set of emitters serves both.</remarks>
internal abstract class WireFormat
{
    public static readonly WireFormat Etf = new EtfFormat();
    public static readonly WireFormat MessagePack = new MessagePackFormat();

    /// <summary>The writer's type.</summary>
    public abstract string Writer { get; }

    /// <summary>The reader's type.</summary>
    public abstract string Reader { get; }

    /// <summary>The method of a contract that writes it.</summary>
    public abstract string Write { get; }

    /// <summary>The method of a contract that reads it.</summary>
    public abstract string Read { get; }

    /// <summary>The class that puts bounded values into a span.</summary>
    public abstract string Span { get; }

    /// <summary>The method that writes a float.</summary>
    public abstract string WriteFloat { get; }

    /// <summary>The statement that writes a binary whose bytes do not change.</summary>
    public abstract string WriteMemory(string value);

    /// <summary>The statement that writes a <c>Binary</c>.</summary>
    public abstract string WriteBinary(string value);

    /// <summary>The method that finds a member by its key.</summary>
    public abstract string MemberOf(ContractModel model);

    /// <summary>The name of an atom that a contract knows: a tag, a module, a member of an enum.</summary>
    public abstract IEnumerable<byte> Name(string text);

    public abstract IEnumerable<byte> TupleHead(int arity);

    public abstract IEnumerable<byte> MapHead(int count);

    /// <summary>A key, as it is written.</summary>
    public abstract IEnumerable<byte> Key(KeyForm form, string text);

    /// <summary>In which form the text of a key is compared.</summary>
    public abstract KeyForm CompareAs(KeyForm form);

    /// <summary>What null is.</summary>
    public abstract IEnumerable<byte> Null(TypeModel type);

    /// <summary>The method that takes null if it comes next.</summary>
    public abstract string TakeNull(TypeModel type);

    /// <summary>Least bytes of a value.</summary>
    public abstract int MinBytes(TypeModel type);

    /// <summary>Most bytes of a value where that is few; else 0.</summary>
    public abstract int MaxBytes(TypeModel type);

    /// <summary>The expression that says how many bytes a value may take that has no bound of its own, with <c>{0}</c> for the value; nothing where it must be written to be known.</summary>
    public abstract string RoomOf(TypeModel type);

    private sealed class EtfFormat : WireFormat
    {
        public override string Writer => "EtfWriter";
        public override string Reader => "EtfReader";
        public override string Write => "WriteTerm";
        public override string Read => "TryReadTerm";
        public override string Span => "EtfSpan";
        public override string WriteFloat => "WriteDouble";

        public override string WriteMemory(string value) => $"writer.WriteShared({value});";

        public override string WriteBinary(string value) => $"writer.WriteBinary({value});";

        public override string MemberOf(ContractModel model) => "MemberOf";

        public override IEnumerable<byte> Name(string text) => TermBytes.Atom(text);

        public override IEnumerable<byte> TupleHead(int arity) => TermBytes.TupleHead(arity);

        public override IEnumerable<byte> MapHead(int count) => TermBytes.MapHead(count);

        public override IEnumerable<byte> Key(KeyForm form, string text) => TermBytes.Key(form, text);

        public override KeyForm CompareAs(KeyForm form) => form;

        public override IEnumerable<byte> Null(TypeModel type) => TermBytes.Atom(type.Null);

        public override string TakeNull(TypeModel type) => "TryTakeAtom";

        public override int MinBytes(TypeModel type) => type.MinBytes;

        public override int MaxBytes(TypeModel type) => type.MaxBytes;

        public override string RoomOf(TypeModel type) =>
            type.Form switch
            {
                TypeForm.Text when type.Option == "Atom" => "EtfSpan.MostBytesOfAtom({0})",
                TypeForm.Text when type.Option == "Charlist" => "",
                TypeForm.Text or TypeForm.Atom or TypeForm.Pid or TypeForm.Reference => "EtfSpan.MostBytes({0})",
                TypeForm.TypedPid => "EtfSpan.MostBytes({0}.Untyped)",
                _ => "",
            };
    }

    private sealed class MessagePackFormat : WireFormat
    {
        public override string Writer => "MessagePackWriter";
        public override string Reader => "MessagePackReader";
        public override string Write => "WriteMessagePack";
        public override string Read => "TryReadMessagePack";
        public override string Span => "MessagePackSpan";
        public override string WriteFloat => "WriteNumber";

        public override string WriteMemory(string value) => $"writer.WriteBinary({value}.Span);";

        public override string WriteBinary(string value) => WriteMemory(value);

        // Texts are UTF-8 here, also where the keys of the term are lists of Latin-1 characters.
        public override string MemberOf(ContractModel model) => model.Keys == KeyForm.Charlist ? "MemberOfText" : "MemberOf";

        public override IEnumerable<byte> Name(string text) => PackedBytes.Text(text);

        public override IEnumerable<byte> TupleHead(int arity) => PackedBytes.ArrayHead(arity);

        public override IEnumerable<byte> MapHead(int count) => PackedBytes.MapHead(count);

        public override IEnumerable<byte> Key(KeyForm form, string text) => PackedBytes.Text(text);

        public override KeyForm CompareAs(KeyForm form) => KeyForm.Binary;

        // An atom, or anything, may itself be MessagePack's nil, which is the atom nil.
        public override IEnumerable<byte> Null(TypeModel type) =>
            MayBeNil(type) && type.Null != "nil" ? PackedBytes.AtomExtension(type.Null) : [PackedBytes.Nil];

        public override string TakeNull(TypeModel type) => MayBeNil(type) ? "TryTakeAtom" : "TryTakeNull";

        public override int MinBytes(TypeModel type) => type.MinPackedBytes;

        public override int MaxBytes(TypeModel type) =>
            type.Form switch
            {
                TypeForm.Boolean => 1,
                TypeForm.Single => 5,
                TypeForm.Double => 9,
                _ => Math.Min(type.MaxBytes, 9),
            };

        public override string RoomOf(TypeModel type) => "";

        private static bool MayBeNil(TypeModel type) => type.Element.Form is TypeForm.Atom or TypeForm.Object;
    }
}
