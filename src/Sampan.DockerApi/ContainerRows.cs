using System.Text.Json;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi;

/// <summary>Reads GET /containers/json without the serializer (see <see cref="RequestJson"/>): all that a list shows; of networks only the names.</summary>
internal static class ContainerRows
{
    internal static IReadOnlyList<ContainerSummary> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        List<ContainerSummary> rows = [];
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return rows;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException($"expected a list, found {reader.TokenType}");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) rows.Add(ReadRow(ref reader));
        return rows;
    }

    private static ContainerSummary ReadRow(ref Utf8JsonReader reader)
    {
        string? id = null, image = null, imageId = null, command = null, state = null, status = null;
        long created = 0;
        long? sizeRw = null, sizeRootFs = null;
        List<string>? names = null;
        List<PortSummary>? ports = null;
        List<MountPoint>? mounts = null;
        Dictionary<string, string>? labels = null;
        ContainerSummaryNetworks? networks = null;
        while (NextMember(ref reader))
        {
            if (Is(ref reader, "Id"u8)) id = reader.GetString();
            else if (Is(ref reader, "Names"u8)) names = ReadTexts(ref reader);
            else if (Is(ref reader, "Image"u8)) image = reader.GetString();
            else if (Is(ref reader, "ImageID"u8)) imageId = reader.GetString();
            else if (Is(ref reader, "Command"u8)) command = reader.GetString();
            else if (Is(ref reader, "Created"u8)) created = Number(ref reader) ?? 0;
            else if (Is(ref reader, "Ports"u8)) ports = ReadPorts(ref reader);
            else if (Is(ref reader, "SizeRw"u8)) sizeRw = Number(ref reader);
            else if (Is(ref reader, "SizeRootFs"u8)) sizeRootFs = Number(ref reader);
            else if (Is(ref reader, "Labels"u8)) labels = ReadLabels(ref reader);
            else if (Is(ref reader, "State"u8)) state = reader.GetString();
            else if (Is(ref reader, "Status"u8)) status = reader.GetString();
            else if (Is(ref reader, "NetworkSettings"u8)) networks = ReadNetworks(ref reader);
            else if (Is(ref reader, "Mounts"u8)) mounts = ReadMounts(ref reader);
            else Pass(ref reader);
        }
        return new ContainerSummary
        {
            Id = id ?? "",
            Names = names,
            Image = image ?? "",
            ImageID = imageId ?? "",
            Command = command ?? "",
            Created = created,
            Ports = ports,
            SizeRw = sizeRw,
            SizeRootFs = sizeRootFs,
            Labels = labels,
            State = state ?? "",
            Status = status ?? "",
            NetworkSettings = networks,
            Mounts = mounts,
        };
    }

    private static List<PortSummary>? ReadPorts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        List<PortSummary> ports = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? ip = null, type = null;
            long? inside = null, outside = null;
            while (NextMember(ref reader))
            {
                if (Is(ref reader, "IP"u8)) ip = reader.GetString();
                else if (Is(ref reader, "PrivatePort"u8)) inside = Number(ref reader);
                else if (Is(ref reader, "PublicPort"u8)) outside = Number(ref reader);
                else if (Is(ref reader, "Type"u8)) type = reader.GetString();
                else Pass(ref reader);
            }
            ports.Add(new PortSummary { IP = ip, PrivatePort = (int)(inside ?? 0), PublicPort = (int?)outside, Type = type ?? "" });
        }
        return ports;
    }

    private static List<MountPoint>? ReadMounts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        List<MountPoint> mounts = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? type = null, name = null, source = null, destination = null, driver = null, mode = null, propagation = null;
            bool writable = false;
            while (NextMember(ref reader))
            {
                if (Is(ref reader, "Type"u8)) type = reader.GetString();
                else if (Is(ref reader, "Name"u8)) name = reader.GetString();
                else if (Is(ref reader, "Source"u8)) source = reader.GetString();
                else if (Is(ref reader, "Destination"u8)) destination = reader.GetString();
                else if (Is(ref reader, "Driver"u8)) driver = reader.GetString();
                else if (Is(ref reader, "Mode"u8)) mode = reader.GetString();
                else if (Is(ref reader, "RW"u8)) writable = reader.GetBoolean();
                else if (Is(ref reader, "Propagation"u8)) propagation = reader.GetString();
                else Pass(ref reader);
            }
            mounts.Add(new MountPoint { Type = type ?? "", Name = name, Source = source ?? "", Destination = destination ?? "", Driver = driver, Mode = mode ?? "", RW = writable, Propagation = propagation ?? "" });
        }
        return mounts;
    }

    private static ContainerSummaryNetworks? ReadNetworks(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        Dictionary<string, Networks.EndpointSettings?>? networks = null;
        while (NextMember(ref reader))
        {
            if (!Is(ref reader, "Networks"u8))
            {
                Pass(ref reader);
                continue;
            }
            if (reader.TokenType == JsonTokenType.Null) continue;
            networks = new(StringComparer.Ordinal);
            while (NextMember(ref reader))
            {
                networks[reader.GetString() ?? ""] = null;
                Pass(ref reader);
            }
        }
        return new ContainerSummaryNetworks { Networks = networks };
    }

    private static Dictionary<string, string>? ReadLabels(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        while (NextMember(ref reader))
        {
            string name = reader.GetString() ?? "";
            reader.Read();
            labels[name] = reader.GetString() ?? "";
        }
        return labels;
    }

    private static List<string>? ReadTexts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        List<string> texts = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) texts.Add(reader.GetString() ?? "");
        return texts;
    }

    private static long? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();

    // The reader stands on an object's first brace, or behind a value; then on a name.
    private static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    // On to the value if that is the name.
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name) && reader.Read();

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
