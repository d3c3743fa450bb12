using System.Text;
using System.Text.Json;
using Sampan.Cli.Templates;

namespace Sampan.Cli.Tables;

/// <summary>The columns that a list has, and its usual table.</summary>
internal sealed record RowShape<T>(string Kind, IReadOnlyList<Column<T>> Columns)
{
    private readonly Dictionary<string, Column<T>> _byName = Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>The header's cells as an object, so that a template draws the header too.</summary>
    public ITemplateObject Header { get; } = new HeaderRow(Kind, Columns.ToDictionary(c => c.Name, c => c.Header, StringComparer.Ordinal));

    public ITemplateObject Row(T item) => new ItemRow(this, item);

    private sealed class HeaderRow(string kind, Dictionary<string, string> headers) : ITemplateObject
    {
        public string Kind => kind;

        public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
        {
            bool known = headers.TryGetValue(name, out string? header);
            // A column with an argument is headed by the argument: docker shows the label's last word.
            value = known && arguments is [string argument] ? argument[(argument.LastIndexOf('.') + 1)..].Replace('-', ' ').Replace('_', ' ') : header ?? "";
            return known || arguments.Count == 0;
        }

        public string ToJson() => "";
    }

    private sealed class ItemRow(RowShape<T> shape, T item) : ITemplateObject
    {
        public string Kind => $"{shape.Kind}; its fields are {string.Join(", ", shape.Columns.Select(c => c.Name))}";

        public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
        {
            value = null;
            if (!shape._byName.TryGetValue(name, out var column)) return false;
            if (column.WithArgument is { } call)
            {
                if (arguments is not [string argument]) throw new TemplateException($"{name} wants one text as argument");
                value = call(item, argument);
                return true;
            }
            value = column.Value(item);
            return arguments.Count == 0;
        }

        public string ToJson()
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartObject();
                foreach (var column in shape.Columns.Where(c => c.WithArgument is null).OrderBy(c => c.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(column.Name);
                    TemplateJson.Write(writer, column.Value(item));
                }
                writer.WriteEndObject();
            }
            // Go's json.Marshal, which docker prints rows with, escapes what HTML would read; these occur in strings only.
            return Encoding.UTF8.GetString(stream.ToArray())
                .Replace("<", @"\u003c", StringComparison.Ordinal)
                .Replace(">", @"\u003e", StringComparison.Ordinal)
                .Replace("&", @"\u0026", StringComparison.Ordinal);
        }
    }
}
