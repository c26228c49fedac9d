#pragma once

#include "sqlite/Base64.h"
#include "sqlite/Database.h"
#include "sqlite/JsonForm.h"

#include <tenon/plugin.hpp>

#include <algorithm>
#include <cmath>

/// How the core's types look as JSON.

namespace tenon
{

template <>
struct Codec<sqlite::SqlValue>
{
    template <class W>
    static void schema(W& writer)
    {
        // One type a branch: model providers with a dialect of their own know no lists of types.
        writer.key("anyOf").beginArray();
        for (const char* type : {"null", "number", "string"})
            writer.beginObject().member("type", type).endObject();
        writer.beginObject().member("type", "object").key("properties").beginObject();
        for (const char* name : {"base64", "real", "text"})
            writer.key(name).beginObject().member("type", "string").endObject();
        writer.endObject().endObject().endArray();
        writer.member("description",
                      "NULL, a number, a text, or {\"base64\": …} for a BLOB; {\"real\": \"Infinity\"} or "
                      "\"-Infinity\"; {\"text\": …, \"base64\": …} for a text that is not UTF-8");
    }

    static sqlite::SqlValue read(const Value& value, const Place& place)
    {
        switch (value.type())
        {
        case TENON_VALUE_NULL:
            return nullptr;
        case TENON_VALUE_BOOLEAN:
            return static_cast<std::int64_t>(value.boolean() ? 1 : 0);
        case TENON_VALUE_INTEGER:
            return value.integer();
        case TENON_VALUE_NUMBER:
            return readNumber(value, place);
        case TENON_VALUE_TEXT:
            return std::string(value.text());
        default:
            break;
        }
        const bool one = value.isObject() && value.size() == 1;
        if (const auto infinity = one ? sqlite::infinityNamed(value["real"].text()) : std::nullopt)
            return *infinity;
        std::string data;
        if (!one || !value["base64"].isText() || !sqlite::decodeBase64(value["base64"].text(), data))
            throw InvalidParams(place.path() + ": a parameter is null, a boolean, a number, a text, "
                                               "{\"base64\": \"…\"} for a BLOB, or {\"real\": \"Infinity\"}");
        return sqlite::Blob{std::move(data)};
    }

    template <class W>
    static void write(W& writer, const sqlite::SqlValue& value)
    {
        if (const auto* integer = std::get_if<std::int64_t>(&value))
            writer.integer(*integer);
        else if (const auto* real = std::get_if<double>(&value))
        {
            if (const auto name = sqlite::nameOfInfinity(*real))
                writer.beginObject().member("real", *name).endObject();
            else
                writer.number(*real);
        }
        else if (const auto* text = std::get_if<std::string>(&value))
        {
            if (sqlite::isUtf8(*text))
                writer.text(*text);
            else
                writer.beginObject().member("text", sqlite::repaired(*text)).key("base64").base64(*text).endObject();
        }
        else if (const auto* blob = std::get_if<sqlite::Blob>(&value))
            writer.beginObject().key("base64").base64(blob->data).endObject();
        else
            writer.null();
    }

private:
    /// A number that a double does not hold would be stored as another one.
    static sqlite::SqlValue readNumber(const Value& value, const Place& place)
    {
        const double number = value.number();
        const bool digitsOnly = value.json().find_first_of(".eE") == std::string::npos;
        if (digitsOnly || !std::isfinite(number) || detail::vanishes(value))
            throw InvalidParams(place.path() + ": " + value.json() +
                                " fits neither 64 bits nor a double. Give it as a text, or infinity as {\"real\": "
                                "\"Infinity\"}");
        return number;
    }
};

namespace sqlite
{

inline auto describe(Type<Column>)
{
    return object(field("name", &Column::name),
                  field("declaredType", &Column::declaredType, "As the schema says; absent for expressions"));
}

/// What a query gives.
struct RowsView
{
    std::vector<Column> columns;
    std::vector<Row> rows;
    std::uint64_t rowCount = 0;
    bool truncated = false;
    std::optional<std::string> reason, note;

    explicit RowsView(Rows&& result)
        : columns(std::move(result.columns)), rows(std::move(result.rows)), rowCount(rows.size()),
          truncated(result.truncated)
    {
        if (truncated)
            reason = std::move(result.reason);
        for (const Row& row : rows)
            if (std::any_of(row.begin(), row.end(), isBeyondDouble))
                note = "There are integers beyond 2^53: clients that read numbers as doubles lose their last digits. "
                       "CAST(... AS TEXT) gives them as texts.";
    }
};

inline auto describe(Type<RowsView>)
{
    return object(field("columns", &RowsView::columns, "In the order of the values in each row"),
                  field("rows", &RowsView::rows, "Each an array of values, one per column"),
                  field("rowCount", &RowsView::rowCount, "How many rows these are"),
                  field("truncated", &RowsView::truncated, "Whether there are more"),
                  field("reason", &RowsView::reason, "If truncated: which limit was met, and what to do"),
                  field("note", &RowsView::note, "What to know about the values"));
}

/// What a change gives.
struct ChangesView
{
    std::int64_t changed = 0;
    std::optional<std::int64_t> lastInsertRowId;
    std::optional<RowsView> returned;

    explicit ChangesView(Changes&& changes) : changed(changes.changed), lastInsertRowId(changes.lastInsertRowId)
    {
        if (!changes.rows.columns.empty())
            returned.emplace(std::move(changes.rows));
    }
};

inline auto describe(Type<ChangesView>)
{
    return object(field("changed", &ChangesView::changed, "Rows that were inserted, updated or deleted"),
                  field("lastInsertRowId", &ChangesView::lastInsertRowId, "If a row was inserted"),
                  field("returned", &ChangesView::returned, "The rows of a RETURNING clause"));
}

inline auto describe(Type<Table>)
{
    return object(field("name", &Table::name), field("type", &Table::type, "'table', 'view' or 'virtual'"));
}

struct TablesView
{
    std::vector<Table> tables;
};

inline auto describe(Type<TablesView>)
{
    return object(field("tables", &TablesView::tables, "Sorted by name"));
}

inline auto describe(Type<TableColumn>)
{
    return object(
        field("name", &TableColumn::name), field("type", &TableColumn::type, "As declared; may be empty"),
        field("notNull", &TableColumn::notNull), field("defaultValue", &TableColumn::defaultValue, "An SQL expression"),
        field("primaryKey", &TableColumn::primaryKey, "Its place in the primary key, from 1; 0: not part of it"),
        field("generated", &TableColumn::generated, "Whether it is computed and cannot be written"));
}

inline auto describe(Type<Index>)
{
    return object(field("name", &Index::name), field("unique", &Index::unique),
                  field("columns", &Index::columns, "Empty texts stand for expressions"));
}

inline auto describe(Type<ForeignKey>)
{
    return object(field("column", &ForeignKey::column), field("table", &ForeignKey::table, "The table it refers to"),
                  field("references", &ForeignKey::references, "The column there; empty: the primary key"),
                  field("onDelete", &ForeignKey::onDelete), field("onUpdate", &ForeignKey::onUpdate));
}

inline auto describe(Type<TableDescription>)
{
    return object(field("name", &TableDescription::name),
                  field("type", &TableDescription::type, "'table', 'view' or 'virtual'"),
                  field("columns", &TableDescription::columns), field("indexes", &TableDescription::indexes),
                  field("foreignKeys", &TableDescription::foreignKeys),
                  field("sql", &TableDescription::sql, "The statement that made it"));
}

} // namespace sqlite

} // namespace tenon
