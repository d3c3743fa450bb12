using System.Text;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Templates;

namespace Sampan.Cli.Tables;

/// <summary>The --format of lists: table, table TEMPLATE, json, TEMPLATE.</summary>
internal static class ListFormat
{
    private const string HelpText =
        "Print with a template:\n'table': a table with headers (default)\n'table TEMPLATE': a table of a Go template's columns\n'json': one JSON object per line\n'TEMPLATE': a Go template, such as '{{.ID}}'";

    public static Option<string> Option() => new("format", null, "string", HelpText, "", static (_, text) => text) { Choices = ["table", "json"] };

    /// <summary>Prints items; <paramref name="standard"/> is the usual table's template, <paramref name="quiet"/> the field that -q prints alone.</summary>
    public static void Write<T>(TextWriter output, string format, RowShape<T> shape, IEnumerable<T> items, string standard, string? quiet = null)
    {
        bool isTable = format.Length == 0 || format == "table" || format.StartsWith("table", StringComparison.Ordinal);
        if (quiet is not null && (isTable || format.Length == 0))
            (format, isTable) = (quiet, false);
        else if (format is "" or "table") format = standard;
        else if (isTable) format = format[5..].TrimStart();
        if (format == "json") format = "{{json .}}";
        var template = Parse(format.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal));
        var text = new StringBuilder();
        try
        {
            if (isTable) AddRow(shape.Header);
            foreach (var item in items) AddRow(shape.Row(item));
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message);
        }
        output.Write(isTable ? TabWriter.Align(text.ToString()) : text.ToString());

        void AddRow(ITemplateObject row)
        {
            template.Fill(text, row);
            text.Append('\n');
        }
    }

    public static Template Parse(string format, int exitCode = 1)
    {
        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message, exitCode);
        }
    }
}
