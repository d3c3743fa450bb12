using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Sampan.Build;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Gateway;

namespace Sampan.Server.BuildKit;

/// <summary>
/// What a client asks a frontend instead of a build, by <c>requestid</c>: the targets of a Dockerfile, what one of them takes, what the checks find, and what
/// can be asked. The answer comes as JSON and as text.
/// </summary>
internal static class FrontendQuestions
{
    private const string Attribute = "requestid";
    private const string Targets = "frontend.targets";
    private const string Outline = "frontend.outline";
    private const string Lint = "frontend.lint";
    private const string Describe = "frontend.subrequests.describe";
    private const string Version = "1.0.0";

    /// <summary>Whether a question is asked, not a build.</summary>
    internal static bool IsOne(IReadOnlyDictionary<string, string> attributes) => attributes.ContainsKey(Attribute);

    /// <summary>Answers.</summary>
    /// <param name="attributes">With the question.</param>
    /// <param name="read">Reads the Dockerfile.</param>
    /// <exception cref="GrpcException"><see cref="GrpcCode.Unimplemented"/>: another question.</exception>
    internal static async Task<Result> AnswerAsync(IReadOnlyDictionary<string, string> attributes, Func<Task<DockerfileFacts>> read) => attributes[Attribute] switch
    {
        Targets => TargetsOf(await read().ConfigureAwait(false)),
        Outline => OutlineOf(await read().ConfigureAwait(false)),
        Lint => LintOf(await read().ConfigureAwait(false)),
        Describe => DescribeAll(),
        var other => throw new GrpcException(GrpcCode.Unimplemented, $"the question '{other}' is not supported by this builder: it answers {Targets}, {Outline}, {Lint} and {Describe}"),
    };

    private static Result TargetsOf(DockerfileFacts facts)
    {
        var text = new StringBuilder("TARGET\tBASE\n");
        return Answer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("targets");
            foreach (var stage in facts.Stages)
            {
                json.WriteStartObject();
                Write(json, "name", stage.Name);
                if (stage.IsLast)
                    json.WriteBoolean("default", true);
                Write(json, "base", stage.Base);
                Write(json, "platform", stage.Platform);
                Place(json, stage.Line, stage.Line);
                json.WriteEndObject();
                text.Append(CultureInfo.InvariantCulture, $"{stage.Name ?? ""}{(stage.IsLast ? " (default)" : "")}\t{stage.Base}\n");
            }
            json.WriteEndArray();
            Sources(json, facts);
            json.WriteEndObject();
        }, text);
    }

    private static Result OutlineOf(DockerfileFacts facts)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"TARGET:\t{facts.Target ?? "(default)"}\n");
        return Answer(json =>
        {
            json.WriteStartObject();
            Write(json, "name", facts.Target);
            json.WriteStartArray("args");
            foreach (var argument in facts.Arguments)
            {
                json.WriteStartObject();
                json.WriteString("name", argument.Name);
                Write(json, "value", argument.Value);
                Place(json, argument.Line, argument.Line);
                json.WriteEndObject();
                text.Append(CultureInfo.InvariantCulture, $"BUILD ARG:\t{argument.Name}\t{argument.Value}\n");
            }
            json.WriteEndArray();
            Needs("secrets", "SECRET", facts.Secrets);
            Needs("ssh", "SSH", facts.Agents);
            Sources(json, facts);
            json.WriteEndObject();

            void Needs(string name, string word, IReadOnlyList<DockerfileFacts.Need> needs)
            {
                json.WriteStartArray(name);
                foreach (var need in needs)
                {
                    json.WriteStartObject();
                    json.WriteString("name", need.Id);
                    if (need.IsRequired)
                        json.WriteBoolean("required", true);
                    Place(json, need.Line, need.Line);
                    json.WriteEndObject();
                    text.Append(CultureInfo.InvariantCulture, $"{word}:\t{need.Id}{(need.IsRequired ? "\trequired" : "")}\n");
                }
                json.WriteEndArray();
            }
        }, text);
    }

    private static Result LintOf(DockerfileFacts facts)
    {
        var text = new StringBuilder();
        return Answer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("warnings");
            foreach (var warning in facts.Warnings)
            {
                json.WriteStartObject();
                json.WriteString("ruleName", warning.Rule);
                json.WriteString("detail", warning.Message);
                json.WriteString("url", warning.Url);
                Place(json, warning.Line, warning.LastLine);
                json.WriteEndObject();
                text.Append(CultureInfo.InvariantCulture, $"WARNING: {warning.Rule} - {warning.Url}\n{warning.Message}\n{facts.Name}:{warning.Line}\n");
            }
            json.WriteEndArray();
            json.WriteStartArray("sources");
            json.WriteStartObject();
            json.WriteString("filename", facts.Name);
            json.WriteString("language", "Dockerfile");
            json.WriteBase64String("data", facts.Content);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }, text);
    }

    private static Result DescribeAll()
    {
        var text = new StringBuilder();
        return Answer(json =>
        {
            json.WriteStartArray();
            foreach (var (name, what) in new[] { (Outline, "List all parameters that a target supports"), (Targets, "List all targets that a Dockerfile has"), (Lint, "Check a Dockerfile"), (Describe, "List what can be asked") })
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("version", Version);
                json.WriteString("type", "rpc");
                json.WriteString("description", what);
                json.WriteStartArray("metadata");
                foreach (var part in new[] { "result.json", "result.txt" })
                {
                    json.WriteStartObject();
                    json.WriteString("Name", part);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
                text.Append(CultureInfo.InvariantCulture, $"{name}\t{Version}\t{what}\n");
            }
            json.WriteEndArray();
        }, text);
    }

    private static Result Answer(Action<Utf8JsonWriter> write, StringBuilder text)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
            write(json);
        return new Result
        {
            Metadata =
            {
                ["result.json"] = ByteString.CopyFrom(bytes.ToArray()),
                ["result.txt"] = ByteString.CopyFromUtf8(text.ToString()),
                ["version"] = ByteString.CopyFromUtf8(Version),
            },
        };
    }

    private static void Write(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }

    private static void Place(Utf8JsonWriter json, int first, int last)
    {
        json.WriteStartObject("location");
        json.WriteStartArray("ranges");
        json.WriteStartObject();
        Line("start", first);
        Line("end", last);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();

        void Line(string name, int line)
        {
            json.WriteStartObject(name);
            json.WriteNumber("line", line);
            json.WriteEndObject();
        }
    }

    private static void Sources(Utf8JsonWriter json, DockerfileFacts facts)
    {
        json.WriteStartArray("sources");
        json.WriteBase64StringValue(facts.Content);
        json.WriteEndArray();
    }
}
