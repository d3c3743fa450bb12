using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.Cli.Templates;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands;

/// <summary>What all inspect commands share: fetch each object's JSON, print a list of them or fill a template with each.</summary>
internal static class InspectPrinter
{
    public static Option<string> Format() => new(
        "format", 'f', "string", "Print with a template:\n'json': compact JSON\n'TEMPLATE': a Go template, such as '{{.State.Status}}'", "", static (_, text) => text)
    {
        Choices = ["json"],
    };

    public static async Task<int> RunAsync(Invocation call, string format, Func<JsonTypeInfo> type, Func<string, Task<byte[]>> fetch) =>
        await RunAsync(call, format, async name => (await fetch(name).ConfigureAwait(false), type)).ConfigureAwait(false);

    /// <summary>The same for objects that are of different kinds.</summary>
    public static async Task<int> RunAsync(Invocation call, string format, Func<string, Task<(byte[] Json, Func<JsonTypeInfo> Type)>> fetch)
    {
        bool isJson = format == "json";
        var template = format.Length == 0 || isJson ? null : ListFormat.Parse(format, 64);
        var objects = new List<string>();
        var filled = new StringBuilder();
        var failures = new List<string>();
        foreach (string name in call.Words)
        {
            try
            {
                var (json, type) = await fetch(name).ConfigureAwait(false);
                using var document = JsonDocument.Parse(json);
                if (template is null) objects.Add(Encoding.UTF8.GetString(json).Trim());
                else filled.Append(TypedJson.Fill(template, document.RootElement, type)).Append('\n');
            }
            catch (DockerApiException e) when (Failure.IsOfOne(e))
            {
                failures.Add(Failure.Text(e));
            }
            catch (CommandException e)
            {
                failures.Add(e.Message);
            }
            catch (TemplateException e)
            {
                failures.Add("template parsing error: " + e.Message);
                break;
            }
        }
        if (template is not null)
            // Docker ends the output of a template with a line end of its own even when it failed.
            call.Out.Write(filled.Length > 0 || failures.Count > 0 ? (filled.Length > 0 ? filled.ToString() : "\n") : "");
        else if (isJson) call.Out.WriteLine("[" + string.Join(',', objects.Select(Compact)) + "]");
        else call.Out.WriteLine(List(objects));
        if (failures.Count == 0) return 0;
        call.Io.Flush();
        foreach (string failure in failures) call.Error.WriteLine(failure);
        return 1;
    }

    private static string List(List<string> objects)
    {
        var text = new StringBuilder();
        JsonIndent.Append(text, "[" + string.Join(',', objects) + "]", 0);
        return text.ToString();
    }

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return TemplateJson.Write(document.RootElement);
    }
}
