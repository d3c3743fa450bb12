using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Output;

/// <summary>A tree as JSON.</summary>
public static class JsonText
{
    /// <summary>Writes a tree, indented by two blanks or in one line.</summary>
    public static string Write(Node node, bool indented = true)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(writer, node);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, Node node)
    {
        switch (node)
        {
            case Mapping mapping:
                writer.WriteStartObject();
                foreach (var member in mapping.Members)
                {
                    writer.WritePropertyName(member.Key);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case Sequence list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case Scalar { Kind: ScalarKind.Null }: writer.WriteNullValue(); break;
            case Scalar { Kind: ScalarKind.Boolean } flag: writer.WriteBooleanValue(flag.Text == "true"); break;
            case Scalar { Kind: ScalarKind.Number } number when long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole): writer.WriteNumberValue(whole); break;
            case Scalar { Kind: ScalarKind.Number } number when decimal.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value): writer.WriteNumberValue(value); break;
            case Scalar scalar: writer.WriteStringValue(scalar.Text); break;
        }
    }
}
