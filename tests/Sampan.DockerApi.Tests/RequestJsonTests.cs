using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Execs;

namespace Sampan.DockerApi.Tests;

/// <summary>What is written and read without the serializer is what the serializer would write and read.</summary>
public sealed class RequestJsonTests
{
    [Fact]
    public void A_container_with_every_setting_is_written_as_the_serializer_writes_it()
    {
        var request = (ContainerCreateRequest)Filled(typeof(ContainerCreateRequest));
        Same(RequestJson.Write(request), JsonSerializer.SerializeToUtf8Bytes(request, DockerApiJson.Wire.ContainerCreateRequest));
    }

    [Fact]
    public void A_container_without_settings_is_written_as_the_serializer_writes_it()
    {
        var request = new ContainerCreateRequest { Image = "busybox", Cmd = ["echo", "\"ä\" < >"], HostConfig = new HostConfig() };
        Same(RequestJson.Write(request), JsonSerializer.SerializeToUtf8Bytes(request, DockerApiJson.Wire.ContainerCreateRequest));
        Same(RequestJson.Write(new ContainerCreateRequest()), JsonSerializer.SerializeToUtf8Bytes(new ContainerCreateRequest(), DockerApiJson.Wire.ContainerCreateRequest));
    }

    [Fact]
    public void An_exec_is_written_as_the_serializer_writes_it()
    {
        foreach (var request in new[] { new ExecCreateRequest(), (ExecCreateRequest)Filled(typeof(ExecCreateRequest)) })
            Same(RequestJson.Write(request), JsonSerializer.SerializeToUtf8Bytes(request, DockerApiJson.Wire.ExecCreateRequest));
        foreach (var request in new[] { new ExecStartRequest(), (ExecStartRequest)Filled(typeof(ExecStartRequest)) })
            Same(RequestJson.Write(request), JsonSerializer.SerializeToUtf8Bytes(request, DockerApiJson.Wire.ExecStartRequest));
    }

    [Fact]
    public void A_list_of_containers_is_written_as_the_serializer_writes_it()
    {
        IReadOnlyList<ContainerSummary> containers = [(ContainerSummary)Filled(typeof(ContainerSummary)), new(), new() { Id = "a", HostConfig = new(), NetworkSettings = new() }];
        Same(AnswerJson.Write(containers).ToArray(), JsonSerializer.SerializeToUtf8Bytes(containers, DockerApiJson.Wire.ContainerSummaryList));
        Same(AnswerJson.Write([]).ToArray(), "[]"u8.ToArray());
    }

    [Theory]
    [InlineData("""{"Id":"a","Warnings":["w",null]}""")]
    [InlineData("""{"id":"a","warnings":null}""")]
    [InlineData("{}")]
    public void An_answer_to_a_create_is_read_as_the_serializer_reads_it(string json)
    {
        var expected = JsonSerializer.Deserialize(json, DockerApiJson.Wire.ContainerCreateResponse)!;
        var read = Read(json, ResponseJson.ReadCreated);
        read.Id.ShouldBe(expected.Id);
        (read.Warnings ?? []).ShouldBe((expected.Warnings ?? []).Select(one => one ?? ""));
    }

    [Theory]
    [InlineData("""{"StatusCode":137}""")]
    [InlineData("""{"StatusCode":0,"Error":null}""")]
    [InlineData("""{"Error":{"Message":"no"},"StatusCode":1}""")]
    public void An_answer_to_a_wait_is_read_as_the_serializer_reads_it(string json) =>
        Read(json, ResponseJson.ReadWait).ShouldBe(JsonSerializer.Deserialize(json, DockerApiJson.Wire.WaitResponse));

    [Theory]
    [InlineData("""{"ExitCode":7,"Running":false}""", 7)]
    [InlineData("""{"ExitCode":null,"Running":true}""", null)]
    [InlineData("{}", null)]
    public void The_exit_code_of_an_exec_is_read(string json, int? code) => Read(json, ResponseJson.ReadExitCode).ShouldBe(code);

    [Fact]
    public void An_answer_of_another_kind_is_refused() => Should.Throw<InvalidOperationException>(() => Read("[]", ResponseJson.ReadCreated));

    private static T Read<T>(string json, Func<JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(json);
        return read(document.RootElement);
    }

    private static void Same(byte[] written, byte[] expected) =>
        JsonNode.DeepEquals(JsonNode.Parse(written), JsonNode.Parse(expected)).ShouldBeTrue($"{System.Text.Encoding.UTF8.GetString(written)}\nis not\n{System.Text.Encoding.UTF8.GetString(expected)}");

    // A value in which nothing is left out: a property that somebody adds later is in it, too.
    private static object Filled(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "\"ä\" <x>";
        if (type == typeof(bool)) return true;
        if (type.IsPrimitive) return Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return FilledList(type.GenericTypeArguments[0]);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return FilledDictionary(type.GenericTypeArguments[1]);
        var value = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
            property.SetValue(value, Filled(property.PropertyType));
        return value;
    }

    private static object FilledList(Type of)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(of))!;
        list.Add(Filled(of));
        return list;
    }

    private static object FilledDictionary(Type of)
    {
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), of))!;
        dictionary.Add("key", Filled(of));
        return dictionary;
    }
}
