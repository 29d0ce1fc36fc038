using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduling;

/// <summary>Tables in files.</summary>
/// <remarks>
/// Wire: <c>(length:u32 | term × length)</c>, each term in the external format with its version byte. The first is <c>{cloudscale_ets, 1, Name, Type, Protection, KeyPos,
/// Named, Size}</c>, the others are the objects. OTP's <c>tab2file</c> writes another format (disk_log).
/// </remarks>
public sealed partial class EtsTables
{
    private const int HeadBytes = 4;
    private const long FileVersion = 1;

    private static readonly Atom s_fileTag = Atom.Of("cloudscale_ets");
    private static readonly Atom[] s_types = [Atom.Of("set"), Atom.Of("ordered_set"), Atom.Of("bag"), Atom.Of("duplicate_bag")];
    private static readonly Atom[] s_rights = [Atom.Of("protected"), Atom.Of("public"), Atom.Of("private")];

    /// <summary>Writes a table to a file, as <c>ets:tab2file/2</c>; an existing file is replaced when all is written.</summary>
    /// <exception cref="EtsException">The caller may not read the table.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void ToFile(EtsTable table, string path)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<Tuple> rows = table.ToList();
        string partial = path + ".partial";
        using (FileStream file = File.Create(partial))
        {
            Tuple head = Tuple.Of(
                s_fileTag,
                FileVersion,
                table.Name,
                s_types[(int)table.Type],
                s_rights[(int)table.Protection],
                (long)table.KeyPosition,
                table.IsNamed,
                (long)rows.Count
            );
            Write(file, head);
            foreach (Tuple row in rows)
                Write(file, row);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Makes a table from a file, as <c>ets:file2tab/1</c>; the caller owns it, whoever wrote it.</summary>
    /// <exception cref="EtsException">The file is none of <see cref="ToFile"/>, is torn, or its table's name is taken.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public EtsTable FromFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        EtfDecodeContext context = new(EtfLimits.Trusted);
        if (
            Read(file, context)
                is not (
                    Tuple
                    and [
                        Atom tag,
                        FileVersion,
                        Atom name,
                        Atom type,
                        Atom rights,
                        long keyPosition
                        and >= 1
                        and <= int.MaxValue,
                        Atom named,
                        long size,
                    ]
                )
            || tag != s_fileTag
            || Array.IndexOf(s_types, type) is not (>= 0 and int typeIndex)
            || Array.IndexOf(s_rights, rights) is not (>= 0 and int rightsIndex)
        )
            throw new EtsException($"{path} is no file of a table (badarg).");

        List<Tuple> rows = [];
        while (Read(file, context) is { } row)
            rows.Add(row as Tuple ?? throw new EtsException($"{path} holds something that is no tuple (badarg)."));
        if (rows.Count != size)
            throw new EtsException($"{path} is torn: {rows.Count} of {size} objects are there (badarg).");

        EtsTable table = New(
            name,
            new EtsOptions
            {
                Type = (EtsType)typeIndex,
                Access = (EtsAccess)rightsIndex,
                KeyPosition = (int)keyPosition,
                Named = named == Atoms.True,
            }
        );
        try
        {
            foreach (Tuple row in rows)
                table.Insert(row);
        }
        catch
        {
            table.Delete();
            throw;
        }

        return table;
    }

    private static void Write(FileStream file, Tuple term)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32BigEndian(head, bytes.Length);
        file.Write(head);
        file.Write(bytes);
    }

    /// <summary>The next term; null at the end of the file.</summary>
    private static object? Read(FileStream file, EtfDecodeContext context)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        int got = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (got == 0)
            return null;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (got < HeadBytes || length > file.Length - file.Position)
            throw new EtsException($"{file.Name} is torn: it ends within a term (badarg).");
        byte[] bytes = new byte[length];
        file.ReadExactly(bytes);
        if (ExternalTerm.TryDecode(bytes, context, out object? term, out int used) != DecodeStatus.Ok || used != bytes.Length)
            throw new EtsException($"{file.Name} holds bytes that are no term (badarg).");
        return term;
    }
}
