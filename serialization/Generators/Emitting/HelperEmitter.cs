using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the methods for nullables, collections and tuples.</summary>
internal static class HelperEmitter
{
    public static void Emit(CodeWriter code, TypeEmitter types, TypeModel type, string name, bool isRead)
    {
        code.Line();
        if (type.Form == TypeForm.NullableReference && type.Element.Form == TypeForm.Contract)
            code.Line(
                "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]"
            ); // no more than a look and a call
        if (isRead)
        {
            code.Open($"private static DecodeStatus TryRead{name}(ref {types.Format.Reader} reader, out {type.VariableName} value)");
            EmitRead(code, types, type);
        }
        else
        {
            code.Open($"private static void Write{name}(ref {types.Format.Writer} writer, {type.VariableName} value)");
            EmitWrite(code, types, type);
        }

        code.Close();
    }

    private static void EmitWrite(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        switch (type.Form)
        {
            case TypeForm.NullableValue or TypeForm.NullableReference:
                code.Line("if (value is null)");
                code.Inner(
                    $"writer.WriteRun({TermBytes.Literal(types.Format.Null(type))}); // {(types.Format == WireFormat.Etf ? type.Null : "null")}"
                );
                code.Line("else");
                code.Inner(types.Write(type.Element, type.Form == TypeForm.NullableValue ? "value.GetValueOrDefault()" : "value"));
                break;
            case TypeForm.ValueTuple:
                var sequence = new WriteSequence(code, types);
                sequence.Constant(types.Format.TupleHead(type.Parts.Count), "{");
                for (int i = 0; i < type.Parts.Count; i++)
                    sequence.Value(type.Parts[i], $"value.Item{i + 1}");
                sequence.Flush();
                break;
            case TypeForm.Dictionary or TypeForm.ReadOnlyDictionary or TypeForm.ImmutableDictionary:
                EmitWriteMap(code, types, type);
                break;
            case TypeForm.HashSet:
                code.Line("ArgumentNullException.ThrowIfNull(value);");
                EmitWriteList(code, types, type, "value", "Count");
                break;
            default:
                if (type.IsBulk)
                {
                    code.Line(TypeEmitter.WriteBulk(type, "value"));
                    break;
                }

                code.Line($"ReadOnlySpan<{type.Element.VariableName}> items = ContractSpans.Of(value);");
                EmitWriteList(code, types, type, "items", "Length");
                break;
        }
    }

    private static void EmitWriteList(CodeWriter code, TypeEmitter types, TypeModel type, string items, string count)
    {
        bool isTerm = types.Format == WireFormat.Etf;
        if (isTerm)
        {
            // Nil is written for an empty list, too: LIST_EXT of no elements is not what BEAM writes.
            code.Line($"if ({items}.{count} > 0)");
            code.Inner($"writer.WriteListHeader({items}.{count});");
        }
        else
        {
            code.Line($"writer.WriteArrayHeader({items}.{count});");
        }

        code.Line($"foreach ({type.Element.VariableName} item in {items})");
        code.Inner(types.Write(type.Element, "item"));
        if (isTerm)
            code.Line("writer.WriteNil();");
    }

    private static void EmitWriteMap(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        code.Line("ArgumentNullException.ThrowIfNull(value);");
        string pair = $"KeyValuePair<{type.Element.VariableName}, {type.Value.VariableName}>";
        if (type.Form == TypeForm.ReadOnlyDictionary)
        {
            // The enumerator of the class is a struct, that of the interface an object.
            string known = $"Dictionary<{type.Element.VariableName}, {type.Value.VariableName}>";
            code.Open($"if (value is {known} known)");
            EmitWriteEntries(code, types, type, pair, "known");
            code.Line("return;");
            code.Close();
            code.Line();
        }

        EmitWriteEntries(code, types, type, pair, "value");
    }

    private static void EmitWriteEntries(CodeWriter code, TypeEmitter types, TypeModel type, string pair, string map)
    {
        code.Line($"writer.WriteMapHeader({map}.Count);");
        code.Open($"foreach ({pair} entry in {map})");
        code.Line(types.Write(type.Element, "entry.Key"));
        code.Line(types.Write(type.Value, "entry.Value"));
        code.Close();
    }

    private static void EmitRead(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        switch (type.Form)
        {
            case TypeForm.NullableValue or TypeForm.NullableReference:
                EmitReadNullable(code, types, type);
                break;
            case TypeForm.ValueTuple:
                EmitReadTuple(code, types, type);
                break;
            case TypeForm.Dictionary or TypeForm.ReadOnlyDictionary or TypeForm.ImmutableDictionary:
                EmitReadMap(code, types, type);
                break;
            case TypeForm.List or TypeForm.HashSet when !type.IsTerms:
                EmitReadCollection(code, types, type);
                break;
            default:
                EmitReadArray(code, types, type);
                break;
        }
    }

    private static void EmitReadNullable(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        if (type.Form == TypeForm.NullableReference)
        {
            code.Open($"if (reader.{types.Format.TakeNull(type)}({TermBytes.Literal(KeyForm.Atom, type.Null)}))");
            code.Line("value = null;");
            code.Line("return DecodeStatus.Ok;");
            code.Close();
            code.Line();
            code.Line($"return {types.Read(type.Element, "value!")};"); // at once to where it is wanted
            return;
        }

        code.Line("value = null;");
        code.Line($"if (reader.{types.Format.TakeNull(type)}({TermBytes.Literal(KeyForm.Atom, type.Null)}))");
        code.Inner("return DecodeStatus.Ok;");
        code.Line($"DecodeStatus status = {types.Read(type.Element, type.Element.Name + " item")};");
        code.Line("if (status == DecodeStatus.Ok)");
        code.Inner("value = item;");
        code.Line("return status;");
    }

    private static void EmitReadTuple(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        code.Line("value = default!;");
        code.Line($"DecodeStatus status = reader.TryReadTupleHead({type.Parts.Count}, \"a tuple of {type.Parts.Count} elements\");");
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner("return status;");
        for (int i = 0; i < type.Parts.Count; i++)
        {
            code.Line($"if ((status = {types.Read(type.Parts[i], $"{type.Parts[i].VariableName} item{i + 1}")}) != DecodeStatus.Ok)");
            code.Inner($"return reader.FailAt(status, {i});");
        }

        string items = string.Join(", ", Enumerable.Range(1, type.Parts.Count).Select(i => $"item{i}"));
        code.Line($"value = ({items});");
        code.Line("return DecodeStatus.Ok;");
    }

    private static void EmitReadMap(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        TypeModel key = type.Element;
        string arguments = $"<{key.VariableName}, {type.Value.VariableName}>";
        code.Line("value = null!;");
        code.Line(
            $"DecodeStatus status = reader.TryReadMapStart({types.Format.MinBytes(key) + types.Format.MinBytes(type.Value)}, out int count);"
        );
        string cell = $"(int, int, int, {key.VariableName}, {type.Value.VariableName})";
        code.Line($"if (status != DecodeStatus.Ok || (status = reader.TryAllot<{cell}>(count)) != DecodeStatus.Ok)");
        code.Inner("return status;");
        bool isImmutable = type.Form == TypeForm.ImmutableDictionary;
        string create = isImmutable
            ? $"global::System.Collections.Immutable.ImmutableDictionary.CreateBuilder{arguments}()"
            : $"new Dictionary{arguments}(count)";
        code.Line($"var entries = {create};");
        code.Open("for (int i = 0; i < count; i++)");
        code.Line($"if ((status = {types.Read(key, key.VariableName + " key")}) != DecodeStatus.Ok)");
        code.Inner("return reader.FailAt(status, i);");
        code.Line($"if ((status = {types.Read(type.Value, type.Value.VariableName + " item")}) != DecodeStatus.Ok)");
        code.Inner("return reader.FailAt(status, i);");
        if (isImmutable)
        {
            code.Line("if (entries.ContainsKey(key))");
            code.Inner("return reader.FailAt(reader.FailDuplicate(), i);");
            code.Line("entries.Add(key, item);");
        }
        else
        {
            code.Line("if (!entries.TryAdd(key, item))");
            code.Inner("return reader.FailAt(reader.FailDuplicate(), i);");
        }

        code.Close();
        code.Line();
        code.Line(isImmutable ? "value = entries.ToImmutable();" : "value = entries;");
        code.Line("return DecodeStatus.Ok;");
    }

    private static void EmitReadCollection(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        TypeModel element = type.Element;
        string collection = type.Form == TypeForm.List ? "List" : "HashSet";
        // What an element takes: in a set also its hash, the next of its bucket, and the bucket.
        string cell = type.Form == TypeForm.List ? element.VariableName : $"(int, int, int, {element.VariableName})";
        code.Line("value = null!;");
        if (types.Format != WireFormat.Etf)
        {
            EmitReadStart(code, types, element, "count", $"(status = reader.TryAllot<{cell}>(count)) != DecodeStatus.Ok");
            code.Line($"var items = new {collection}<{element.VariableName}>(count);");
            code.Open("for (int i = 0; i < count; i++)");
            code.Line($"if ((status = {types.Read(element, element.VariableName + " item")}) != DecodeStatus.Ok)");
            code.Inner("return reader.FailAt(status, i);");
            code.Line("items.Add(item);");
            code.Close();
        }
        else
        {
            EmitReadStart(code, types, element, "more", $"(status = reader.TryAllot<{cell}>(more)) != DecodeStatus.Ok");
            code.Line($"var items = new {collection}<{element.VariableName}>(more);");
            code.Line("int read = 0;");
            code.Open("do");
            EmitReadPiece(code, types, type);
            code.Line();
            code.Line(
                $"if ((status = reader.TryReadListEnd({element.MinBytes}, read, out more)) != DecodeStatus.Ok || (status = reader.TryAllot<{cell}>(more)) != DecodeStatus.Ok)"
            );
            code.Inner("return status;");
            code.Close("} while (more > 0);");
        }

        code.Line();
        code.Line("value = items;");
        code.Line("return DecodeStatus.Ok;");
    }

    private static void EmitReadPiece(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        TypeModel element = type.Element;
        if (type.Form == TypeForm.List && element.ReadsInRows)
        {
            EmitReadRow(code, "ContractSpans.Lengthen(items, more)");
            return;
        }

        if (type.Form == TypeForm.List)
        {
            // Into its place at once, without a look at the list for each.
            code.Line($"Span<{element.VariableName}> room = ContractSpans.Lengthen(items, more);");
            code.Open("for (int i = 0; i < room.Length; i++, read++)");
            code.Line($"if ((status = {types.Read(element, "room[i]")}) != DecodeStatus.Ok)");
            code.Inner("return reader.FailAt(status, read);");
        }
        else
        {
            code.Open("for (int end = read + more; read < end; read++)");
            code.Line($"if ((status = {types.Read(element, element.VariableName + " item")}) != DecodeStatus.Ok)");
            code.Inner("return reader.FailAt(status, read);");
            code.Line("items.Add(item);");
        }

        code.Close();
    }

    // By a loop of the element's own, which opens and closes the reader once.
    private static void EmitReadRow(CodeWriter code, string room)
    {
        code.Line($"if ((status = reader.TryReadTerms({room}, out int done)) != DecodeStatus.Ok)");
        code.Inner("return reader.FailAt(status, read + done);");
        code.Line("read += done;");
    }

    private static void EmitReadStart(CodeWriter code, TypeEmitter types, TypeModel element, string count, string? allot)
    {
        string or = allot is null ? "" : " || " + allot;
        code.Line($"DecodeStatus status = reader.TryReadListStart({types.Format.MinBytes(element)}, out int {count});");
        code.Line($"if (status != DecodeStatus.Ok{or})");
        code.Inner("return status;");
    }

    private static void EmitReadArray(CodeWriter code, TypeEmitter types, TypeModel type)
    {
        TypeModel element = type.Element;
        string result = type.Form switch
        {
            TypeForm.ImmutableArray => "global::System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items)",
            TypeForm.List => "new List<object>(items)",
            _ => "items",
        };
        if (type.IsBulk || type.IsTerms)
        {
            string read = type.IsTerms ? "reader.TryReadTerms" : TypeEmitter.ReadBulk(type);
            code.Line($"DecodeStatus bulk = {read}(out {element.Name}[] items);");
            code.Line($"value = {result};");
            code.Line("return bulk;");
            return;
        }

        code.Line("value = default!;");
        if (types.Format == WireFormat.Etf)
            EmitReadPieces(code, types, element);
        else
            EmitReadWhole(code, types, element);
        code.Line($"value = {result};");
        code.Line("return DecodeStatus.Ok;");
    }

    private static void EmitReadWhole(CodeWriter code, TypeEmitter types, TypeModel element)
    {
        EmitReadStart(
            code,
            types,
            element,
            "count",
            $"(status = reader.TryMakeArray(count, out {element.VariableName}[] items)) != DecodeStatus.Ok"
        );
        code.Open("for (int i = 0; i < count; i++)");
        code.Line($"if ((status = {types.Read(element, "items[i]")}) != DecodeStatus.Ok)");
        code.Inner("return reader.FailAt(status, i);");
        code.Close();
        code.Line();
    }

    private static void EmitReadPieces(CodeWriter code, TypeEmitter types, TypeModel element)
    {
        EmitReadStart(code, types, element, "more", null);
        code.Line($"{element.VariableName}[] items = [];");
        code.Line("int read = 0;");
        code.Open("do");
        code.Line("if ((status = reader.TryGrow(ref items, read, more)) != DecodeStatus.Ok)");
        code.Inner("return status;");
        if (element.ReadsInRows)
        {
            EmitReadRow(code, "items.AsSpan(read, more)");
        }
        else
        {
            code.Open("for (int end = read + more; read < end; read++)");
            code.Line($"if ((status = {types.Read(element, "items[read]")}) != DecodeStatus.Ok)");
            code.Inner("return reader.FailAt(status, read);");
            code.Close();
        }

        code.Line();
        code.Line($"if ((status = reader.TryReadListEnd({element.MinBytes}, read, out more)) != DecodeStatus.Ok)");
        code.Inner("return status;");
        code.Close("} while (more > 0);");
        code.Line();
        code.Line("if (items.Length != read)");
        code.Inner("global::System.Array.Resize(ref items, read);");
    }
}
