using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Execs;

namespace Sampan.DockerApi;

/// <summary>
/// Writes the requests that <c>run</c>, <c>create</c> and <c>exec</c> send, as <see cref="DockerApiJson.Wire"/> would, but by the code that is generated to
/// write each type: the serializer's metadata of a container's two hundred settings takes a command longer to build than all else it does.
/// Types with a converter of their own have no such code; they are written here, and a test compares both ways for every property.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogConfig))]
[JsonSerializable(typeof(RestartPolicy))]
[JsonSerializable(typeof(IReadOnlyList<PortBinding>), TypeInfoPropertyName = "PortList")]
[JsonSerializable(typeof(IReadOnlyList<MountRequest>), TypeInfoPropertyName = "MountList")]
[JsonSerializable(typeof(IReadOnlyList<WeightDevice>), TypeInfoPropertyName = "WeightList")]
[JsonSerializable(typeof(IReadOnlyList<ThrottleDevice>), TypeInfoPropertyName = "ThrottleList")]
[JsonSerializable(typeof(IReadOnlyList<DeviceMapping>), TypeInfoPropertyName = "DeviceList")]
[JsonSerializable(typeof(IReadOnlyList<DeviceRequest>), TypeInfoPropertyName = "DeviceRequestList")]
[JsonSerializable(typeof(IReadOnlyList<Ulimit>), TypeInfoPropertyName = "UlimitList")]
[JsonSerializable(typeof(NetworkingConfig))]
[JsonSerializable(typeof(HealthConfig))]
[JsonSerializable(typeof(ExecStartRequest))]
[JsonSerializable(typeof(IReadOnlyList<int>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class RequestJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal static byte[] Write(ContainerCreateRequest request) => Write(request, static (json, writer, value) =>
    {
        writer.WriteStartObject();
        json.WriteConfig(writer, value);
        if (value.HostConfig is not null)
        {
            writer.WritePropertyName("HostConfig"u8);
            json.WriteHost(writer, value.HostConfig);
        }
        if (value.NetworkingConfig is not null)
        {
            writer.WritePropertyName("NetworkingConfig"u8);
            json.NetworkingConfigSerializeHandler(writer, value.NetworkingConfig);
        }
        writer.WriteEndObject();
    });

    internal static byte[] Write(ExecStartRequest request) => Write(request, static (json, writer, value) => json.ExecStartRequestSerializeHandler(writer, value));

    internal static byte[] Write(ExecCreateRequest request) => Write(request, static (json, writer, value) =>
    {
        writer.WriteStartObject();
        writer.WriteString("User"u8, value.User);
        writer.WriteBoolean("Privileged"u8, value.Privileged);
        writer.WriteBoolean("Tty"u8, value.Tty);
        if (value.ConsoleSize is not null)
        {
            writer.WritePropertyName("ConsoleSize"u8);
            json.IReadOnlyListInt32SerializeHandler(writer, value.ConsoleSize);
        }
        writer.WriteBoolean("AttachStdin"u8, value.AttachStdin);
        writer.WriteBoolean("AttachStderr"u8, value.AttachStderr);
        writer.WriteBoolean("AttachStdout"u8, value.AttachStdout);
        writer.WriteString("DetachKeys"u8, value.DetachKeys);
        json.WriteList(writer, "Env"u8, value.Env);
        writer.WriteString("WorkingDir"u8, value.WorkingDir);
        json.WriteList(writer, "Cmd"u8, value.Cmd);
        writer.WriteEndObject();
    });

    private static byte[] Write<T>(T value, Action<RequestJson, Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
            write(new RequestJson(), writer, value);
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteConfig(Utf8JsonWriter writer, ContainerConfig config)
    {
        writer.WriteString("Hostname"u8, config.Hostname);
        writer.WriteString("Domainname"u8, config.Domainname);
        writer.WriteString("User"u8, config.User);
        writer.WriteBoolean("AttachStdin"u8, config.AttachStdin);
        writer.WriteBoolean("AttachStdout"u8, config.AttachStdout);
        writer.WriteBoolean("AttachStderr"u8, config.AttachStderr);
        if (config.ExposedPorts is not null) WriteNames(writer, "ExposedPorts"u8, config.ExposedPorts);
        writer.WriteBoolean("Tty"u8, config.Tty);
        writer.WriteBoolean("OpenStdin"u8, config.OpenStdin);
        writer.WriteBoolean("StdinOnce"u8, config.StdinOnce);
        WriteList(writer, "Env"u8, config.Env);
        WriteList(writer, "Cmd"u8, config.Cmd);
        if (config.Healthcheck is not null)
        {
            writer.WritePropertyName("Healthcheck"u8);
            HealthConfigSerializeHandler(writer, config.Healthcheck);
        }
        if (config.ArgsEscaped is { } escaped) writer.WriteBoolean("ArgsEscaped"u8, escaped);
        writer.WriteString("Image"u8, config.Image);
        WriteNames(writer, "Volumes"u8, config.Volumes);
        writer.WriteString("WorkingDir"u8, config.WorkingDir);
        WriteList(writer, "Entrypoint"u8, config.Entrypoint);
        if (config.NetworkDisabled is { } disabled) writer.WriteBoolean("NetworkDisabled"u8, disabled);
        if (config.MacAddress is not null) writer.WriteString("MacAddress"u8, config.MacAddress);
        if (config.OnBuild is not null) WriteList(writer, "OnBuild"u8, config.OnBuild);
        writer.WritePropertyName("Labels"u8);
        IReadOnlyDictionaryStringStringSerializeHandler(writer, config.Labels);
        if (config.StopSignal is not null) writer.WriteString("StopSignal"u8, config.StopSignal);
        if (config.StopTimeout is { } timeout) writer.WriteNumber("StopTimeout"u8, timeout);
        if (config.Shell is not null) WriteList(writer, "Shell"u8, config.Shell);
    }

    private void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string>? list)
    {
        writer.WritePropertyName(name);
        IReadOnlyListStringSerializeHandler(writer, list);
    }

    private static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, EmptyObject?>? names)
    {
        if (names is null)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        foreach (var (key, value) in names)
        {
            writer.WritePropertyName(key);
            if (value is null)
            {
                writer.WriteNullValue();
                continue;
            }
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
