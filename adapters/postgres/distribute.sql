-- Run once, on the coordinator, after the migrations and while the tables are
-- empty or quiet: Citus then keeps everything of a company on one server.
-- {table} stands for the name of a table, with schema and prefix.

SELECT create_distributed_table('{company}', 'id');
SELECT create_distributed_table('{department}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{administrator}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{audit}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{traveler}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{command}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{authorization}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{entry}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{event}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{message}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{document}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{close}', 'company', colocate_with => '{company}');
SELECT create_distributed_table('{delivery}', 'company', colocate_with => '{company}');

-- Lookups that do not know the company, and number series.
SELECT create_distributed_table('{number_lookup}', 'number', colocate_with => 'none');
SELECT create_distributed_table('{credential}', 'username', colocate_with => 'none');
SELECT create_distributed_table('{message_count}', 'counted', colocate_with => 'none');
SELECT create_distributed_table('{series}', 'series', colocate_with => 'none');
SELECT create_distributed_table('{document_number}', 'series', colocate_with => '{series}');

-- One row per job, and the kill switch, read and written from any server.
SELECT create_reference_table('{halt}');
SELECT create_reference_table('{job}');
SELECT create_reference_table('{schema_version}');
