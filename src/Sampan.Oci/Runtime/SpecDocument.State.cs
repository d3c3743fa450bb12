using System.Text.Json;

namespace Sampan.Oci.Runtime;

/// <summary>The state that hooks read and <c>state</c> prints.</summary>
public static partial class SpecDocument
{
    /// <summary>Writes a state.</summary>
    public static byte[] Write(ContainerState state)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, state);
        }
        return buffer.ToArray();
    }

    /// <summary>Writes what an agent for filtered calls gets.</summary>
    public static byte[] Write(ContainerProcessState process)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ociVersion"u8, process.OciVersion);
            json.WriteStartArray("fds"u8);
            foreach (var name in process.Fds)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteNumber("pid"u8, process.Pid);
            if (process.Metadata is { } metadata)
                json.WriteString("metadata"u8, metadata);
            if (process.State is { } state)
            {
                json.WritePropertyName("state"u8);
                Write(json, state);
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ContainerState state)
    {
        json.WriteStartObject();
        json.WriteString("ociVersion"u8, state.OciVersion);
        json.WriteString("id"u8, state.Id);
        json.WriteString("status"u8, state.Status);
        json.WriteNumber("pid"u8, state.Pid);
        json.WriteString("bundle"u8, state.Bundle);
        json.WriteStartObject("annotations"u8);
        foreach (var (name, value) in state.Annotations)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
